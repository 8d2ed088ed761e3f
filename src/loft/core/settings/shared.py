"""Declare settings that several studies share: a run's header, arithmetic and SGD."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from loft.core.settings.keys import DECODED, OURS, key
from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct, Name


class Header(Settings):
    """What every params file begins with."""

    run: Name = key(..., "name of the run and of its folder in results/", source=OURS)
    studies: Annotated[Distinct[str], Field(min_length=1)] = key(
        ..., "studies that the run makes: tickets, theorem1, soda, diversity", source=OURS
    )


Captured = bool | Literal["auto"]


class ComputeSettings(Settings):
    """How arithmetic is done. All but the last two may change the bits of a result.

    `compiled` concerns steps of networks that are trained as a whole; GPipe's stages and evaluation
    stay as they are. GPipe's steps are captured where its stages share a GPU.
    """

    threads: PositiveInt = key(1, "threads of each process on CPUs", source=OURS)
    precision: Literal["float32", "bfloat16", "auto"] = key(
        "auto", "number format; auto: bfloat16 where the hardware has it, else float32", source=OURS
    )
    channels_last: bool = key(
        True, "whether the channels of a pixel lie side by side in memory", source=OURS
    )
    compiled: bool = key(
        False, "whether torch.compile compiles a step, which takes longer to begin", source=OURS
    )
    captured: Captured = key(
        "auto",
        "whether a GPU records a step of training once and replays it; auto: it does",
        source=OURS,
        neutral="auto",
    )
    deterministic: bool = key(
        False,
        "whether a GPU uses algorithms that give the same bits every time, as CPUs always do",
        source=OURS,
        neutral=False,
    )
    jobs_per_gpu: PositiveInt = key(
        2, "jobs that share a GPU, at most; changes no bit", source=OURS, told=False
    )
    tflops: Annotated[float, Field(gt=0)] = key(
        0.01,
        "speed that a process sustains in training, on its threads or its GPU; schedulers are told "
        "times that follow from it; changes no bit",
        unit="10^12 operations/s",
        source=f"{OURS}; a core of a CPU",
        told=False,
    )


class LinkSettings(Settings):
    """The time of a message over a worker's link: latency, then bytes over bandwidth."""

    latency: NonNegativeFloat = key(1e-4, "time of a message", unit="s", source=OURS)
    bandwidth: PositiveFloat = key(
        1.25e8, "rate of each worker's link, 1 Gbit/s", unit="bytes/s", source=OURS
    )


class SgdSettings(Settings):
    """Stochastic gradient descent with momentum and a cosine from `learning_rate` down to 0."""

    learning_rate: Annotated[float, Field(gt=0)] = key(
        0.1, "learning rate at the start; a cosine takes it down to 0", source=OURS
    )
    momentum: Annotated[float, Field(ge=0, lt=1)] = key(0.9, "momentum", source=OURS)
    nesterov: bool = key(True, "whether the momentum is Nesterov's", source=OURS)
    weight_decay: Annotated[float, Field(ge=0)] = key(5e-4, "weight decay", source=OURS)
    scale_penalty: Annotated[float, Field(ge=0)] = key(
        0.0,
        "weight of an l1 penalty on BatchNorm's scales; Early-Bird trains with 1e-4",
        source="Early-Bird (You et al., 2019), section 3",
        neutral=0.0,
    )
    batch_size: PositiveInt = key(
        128, "batch size of each worker", unit="images", source=f"{DECODED}; 256 on ImageNet"
    )
