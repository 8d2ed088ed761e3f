"""Settings that several studies have: a run's header, arithmetic, and SGD."""

from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    PositiveInt,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct, Name


class Header(Settings):
    """What every params file begins with."""

    run: Name
    studies: Annotated[Distinct[str], Field(min_length=1)]


Captured = bool | Literal["auto"]


class ComputeSettings(Settings):
    """How arithmetic is done. Each of these may change the bits of a result.

    `compiled`: by `torch.compile`, in steps of networks that are trained as a whole; GPipe's stages
    and evaluation stay as they are.

    `captured`: whether a GPU captures a step of training once and replays it; "auto": it does.
    GPipe's are captured where its stages share a GPU, else taken as they come.

    `deterministic`: whether a GPU computes by algorithms that give the same bits every time. CPUs
    always do.

    These two have defaults, and are written only where they differ from them: what was made before
    there were such keys stays valid.

    `jobs_per_gpu`: how many jobs at most share a GPU. No job is told it, as it changes no bit.
    """

    threads: PositiveInt  # per process
    precision: Literal["float32", "bfloat16", "auto"]
    channels_last: bool
    compiled: bool
    captured: Captured = "auto"
    deterministic: bool = False
    jobs_per_gpu: PositiveInt = Field(default=2, exclude=True)

    @model_serializer(mode="wrap")
    def _without_defaults(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        values: dict[str, Any] = write(self)
        for name, value in [*values.items()]:
            if not fields[name].is_required() and value == fields[name].default:
                del values[name]
        return values


class SgdSettings(Settings):
    """Stochastic gradient descent with momentum and a cosine from `learning_rate` down to 0."""

    learning_rate: Annotated[float, Field(gt=0)]
    momentum: Annotated[float, Field(ge=0, lt=1)]
    nesterov: bool
    weight_decay: Annotated[float, Field(ge=0)]
    batch_size: PositiveInt  # images per worker and step
