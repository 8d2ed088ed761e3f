"""Where the images come from, by the data's name in a params file.

A new data set is a file with a function in the manner of `digits.prepare`, a class for its settings
and a line in `SOURCES`.
"""

from typing import TYPE_CHECKING, NamedTuple

from loft.core.config import Settings
from loft.core.named import choice, load
from loft.core.sources.settings import ImageSettings

if TYPE_CHECKING:
    from loft.core.content.manifest import Reading
    from loft.core.data import DataSet


class Source(NamedTuple):
    """A data set, by addresses.

    Attributes:
        prepare: the function of its settings and a `Reading`, which returns the data set.
        settings: their class.
    """

    prepare: str
    settings: str


SOURCES = {
    "digits": Source("loft.core.sources.digits:prepare", "loft.core.sources.settings:DigitsData"),
    "cifar10": Source("loft.core.sources.cifar:prepare", "loft.core.sources.settings:CifarData"),
    "cifar100": Source("loft.core.sources.cifar:prepare", "loft.core.sources.settings:CifarData"),
    "imagenet": Source(
        "loft.core.sources.listing:imagenet", "loft.core.sources.settings:ImageNetData"
    ),
    "folder": Source("loft.core.sources.listing:folder", "loft.core.sources.settings:FolderData"),
}

if TYPE_CHECKING:
    DataSettings = ImageSettings
else:
    DataSettings = choice(
        ImageSettings, {name: source.settings for name, source in SOURCES.items()}
    )


class DataJob(Settings):
    """What `loft data` is told."""

    data: DataSettings


def prepare(settings: ImageSettings, loaders: int) -> "DataSet":
    """Collect a data set as the run's settings ask, with `loaders` processes to read image files.

    Raises:
        UserError: images are missing, damaged or too few.
    """
    # Named as text, so that a data set without files of its own does not depend on its code.
    return collect(settings, load("loft.core.content.manifest:Reading")(loaders))


def collect(settings: ImageSettings, reading: "Reading") -> "DataSet":
    """Collect a data set as `prepare` does; note in `reading` what it was made from."""
    data: DataSet = load(SOURCES[settings.name].prepare)(settings, reading)
    return data
