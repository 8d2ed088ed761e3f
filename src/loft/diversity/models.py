"""Settings of the models that this study measures and trains."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from loft.core.settings.keys import PAPER, key
from loft.core.settings.lookup import choice
from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct
from loft.models import NETWORKS


class AnyModel(Settings):
    """What all have in common."""

    name: str = key(..., "name of the model", source=PAPER)


class LogisticSettings(AnyModel):
    """Logistic regression on images of two classes, without intercept."""

    name: Literal["logistic"] = key(..., "name of the model", source=PAPER)
    pair: Annotated[Distinct[NonNegativeInt], Field(min_length=2, max_length=2)] = key(
        [3, 5], "the two classes; in CIFAR-10 3 and 5 are cats and dogs", source=PAPER
    )


class ConvnetSettings(AnyModel):
    """The small "cuda-convnet": three convolutions; 32 is its own width, of the first two."""

    name: Literal["convnet"] = key(..., "name of the model", source=PAPER)
    width: PositiveInt = key(
        32, "channels of the first two convolutions", unit="channels", source=PAPER
    )


OWN = {
    "logistic": "loft.diversity.models:LogisticSettings",
    "convnet": "loft.diversity.models:ConvnetSettings",
}


if TYPE_CHECKING:
    ModelSettings = AnyModel
else:
    ModelSettings = choice(
        Settings, OWN | {name: network.settings for name, network in NETWORKS.items()}
    )


def addresses(name: str) -> list[str]:
    """Return where else a model's code is, by "module:attribute"."""
    return [NETWORKS[name].make] if name in NETWORKS else []
