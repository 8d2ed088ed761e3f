"""What a params file says of the models that this study measures and trains."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from loft.core.settings.lookup import choice
from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct
from loft.models import NETWORKS


class AnyModel(Settings):
    """What all have in common."""

    name: str


class LogisticSettings(AnyModel):
    """Logistic regression on images of two classes, without intercept."""

    name: Literal["logistic"]
    pair: Annotated[Distinct[NonNegativeInt], Field(min_length=2, max_length=2)]  # of classes


class ConvnetSettings(AnyModel):
    """The small "cuda-convnet": three convolutions; 32 is its own width, of the first two."""

    name: Literal["convnet"]
    width: PositiveInt


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
