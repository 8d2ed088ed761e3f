"""Where the images come from, by the data's name in a params file.

A new data set is a file with a function in the manner of `digits.prepare`, a class for its settings
and a line in `SOURCES`.
"""

from typing import TYPE_CHECKING, NamedTuple

from loft.core.data.sources.settings import ImageSettings
from loft.core.settings.lookup import choice, load
from loft.core.settings.schema import Settings

if TYPE_CHECKING:
    from loft.core.data.dataset import DataSet
    from loft.core.data.originals.manifest import Reading


class Source(NamedTuple):
    """A data set, by addresses.

    Attributes:
        prepare: the function of its settings and a `Reading`, which returns the data set.
        settings: their class.
    """

    prepare: str
    settings: str


SOURCES = {
    "digits": Source(
        "loft.core.data.sources.digits:prepare", "loft.core.data.sources.settings:DigitsData"
    ),
    "cifar10": Source(
        "loft.core.data.sources.cifar:prepare", "loft.core.data.sources.settings:CifarData"
    ),
    "cifar100": Source(
        "loft.core.data.sources.cifar:prepare", "loft.core.data.sources.settings:CifarData"
    ),
    "imagenet": Source(
        "loft.core.data.sources.folders:imagenet", "loft.core.data.sources.settings:ImageNetData"
    ),
    "folder": Source(
        "loft.core.data.sources.folders:folder", "loft.core.data.sources.settings:FolderData"
    ),
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
    return collect(settings, load("loft.core.data.originals.manifest:Reading")(loaders))


def collect(settings: ImageSettings, reading: "Reading") -> "DataSet":
    """Collect a data set as `prepare` does; note in `reading` what it was made from."""
    data: DataSet = load(SOURCES[settings.name].prepare)(settings, reading)
    return data
