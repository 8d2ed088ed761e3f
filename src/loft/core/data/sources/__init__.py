"""List the data sets by their names in a params file, and prepare them.

A new data set is a file with a function like `digits.prepare`, a class for its settings and a line
in `SOURCES`.
"""

from typing import TYPE_CHECKING, NamedTuple

from loft.core.data.sources.settings import ImageSettings
from loft.core.settings.lookup import choice, load
from loft.core.settings.schema import Settings

if TYPE_CHECKING:
    from loft.core.data.dataset import DataSet
    from loft.core.data.originals.manifest import Reading


class Source(NamedTuple):
    """A data set, given by the addresses of its code.

    Attributes:
        prepare: function of the settings and a `Reading`; returns the data set.
        settings: class of the settings.
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
    """The settings of `loft data`."""

    data: DataSettings


def prepare(settings: ImageSettings, loaders: int) -> "DataSet":
    """Make the data set that the settings ask for; `loaders` processes read image files.

    Raises:
        UserError: images are missing, damaged or too few.
    """
    # As text, so that this code is no input of data sets without files (see `step_code`).
    return collect(settings, load("loft.core.data.originals.manifest:Reading")(loaders))


def collect(settings: ImageSettings, reading: "Reading") -> "DataSet":
    """Make a data set as `prepare` does; list the files that it is made from in `reading`."""
    data: DataSet = load(SOURCES[settings.name].prepare)(settings, reading)
    return data
