"""Read files in LIBSVM's format: find or download them, verify checksums and check each line.

A line is a label and pairs index:value with ascending indices from 1. A field "qid:" with a number
may follow the label; it is ignored.
"""

import bz2
import hashlib
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from loft.core.errors import UserError
from loft.core.files.atomic import read_bytes
from loft.core.files.download import NotServedError, download
from loft.soda.limits import MOST_FEATURES
from loft.soda.logistic import Vector
from loft.soda.normalisation import Samples, compact
from loft.soda.settings import LibsvmData

SHOWN = 5  # labels in an error's text
LARGEST = 2**30  # most bytes of text in a downloaded archive


@dataclass(frozen=True)
class Published:
    """A file that LIBSVM publishes.

    Attributes:
        path: its path below a mirror.
        samples, features: its shape.
        sha256: checksum of the text, not of the archive; None if only bz2's own checksum and the
            shape are checked.
        classes: number of different labels.
    """

    path: str
    samples: int
    features: int
    sha256: str | None
    classes: int = 2


PUBLISHED = {
    "madelon": Published(
        "binary/madelon",
        2000,
        500,
        "4801c452441772b47674fa8deb3724b1cb897eff49ccd8d47078367080c05b54",
    ),
    "w8a": Published(
        "binary/w8a",
        49749,
        300,
        "6a9fa8fd5f524303240a5db07d4b3d4a51e8b7b4b20a914105d8e3e8c81640f2",
    ),
    "a9a": Published(
        "binary/a9a",
        32561,
        123,
        "f5d5ffd8d865ff41328e7ee043e4b020816914ff6843ff15b98905ddbedce906",
    ),
    "news20": Published(
        "multiclass/news20.bz2",
        15935,
        62061,
        "1d6eb77c42e1c78e86f36af834268de933da3607f38e3703aef15f7a9f11e506",
        classes=20,
    ),
    "rcv1_train": Published("binary/rcv1_train.binary.bz2", 20242, 47236, None),
    "real-sim": Published("binary/real-sim.bz2", 72309, 20958, None),
}


class Content(NamedTuple):
    """Values (m, n) and labels (m,) of a file, unchanged."""

    values: csr_array
    labels: Vector


def load(settings: LibsvmData) -> Samples:
    """Read a file's samples. With several classes, the labels in `positive` become +1.

    Raises:
        UserError: the file is missing and cannot be downloaded, or is damaged, or its labels are
            not two classes.
        JobError: the downloaded file cannot be written.
    """
    known = PUBLISHED.get(settings.dataset)
    if known is not None and settings.features not in (None, known.features):
        raise UserError(
            f"features: found {settings.features}; expected {known.features}, which"
            f" {settings.dataset} has, or null"
        )
    path = _find(settings, known)
    if path.exists():
        content = _checked(read_bytes(path), str(path), path.suffix, settings, known)
    else:
        content = _download(path, settings, known)
    labels = _two_classes(content.labels, settings, path)
    return Samples(settings.dataset, compact(content.values), labels)


def file_names(dataset: str) -> list[str]:
    """Return the possible file names of a data set; the first that exists is read."""
    known = PUBLISHED.get(dataset)
    published = [] if known is None else [Path(known.path).name]
    return sorted({dataset, f"{dataset}.bz2", *published})


def _find(settings: LibsvmData, known: Published | None) -> Path:
    """Return the path of the file, plain or bz2, or the path to download it to."""
    folder = Path(settings.data_dir)
    published = settings.dataset if known is None else Path(known.path).name
    paths = [folder / name for name in file_names(settings.dataset)]
    return next((path for path in paths if path.is_file()), folder / published)


def _download(to: Path, settings: LibsvmData, known: Published | None) -> Content:
    """Keep the file of the first mirror that serves the expected content."""
    if known is None or not settings.mirrors:
        raise _missing(settings)
    addresses = [f"{mirror.rstrip('/')}/{known.path}" for mirror in settings.mirrors]

    def check(content: bytes) -> Content:
        return _checked(content, "what it has", to.suffix, settings, known, LARGEST)

    try:
        return download(addresses, check, to)
    except NotServedError as error:
        raise _missing(settings, str(error)) from None


def _missing(settings: LibsvmData, why: str = "no such file") -> UserError:
    path = Path(settings.data_dir) / settings.dataset
    return UserError(f"data_dir: {path}: {why}; expected LIBSVM's file, plain or .bz2")


def _checked(
    content: bytes,
    source: str,
    suffix: str,
    settings: LibsvmData,
    known: Published | None,
    most: int | None = None,
) -> Content:
    """Read a file's content and check it against its published checksum and shape.

    Args:
        content: the bytes of the file.
        source: the file's name in errors.
        suffix: suffix of the file's name; ".bz2" is an archive.
        settings: the settings of the data.
        known: the published checksum and shape; None if it is not LIBSVM's file.
        most: most bytes of text in an archive; None for any number.

    Raises:
        UserError: the content is damaged or is not the published one.
    """
    from sklearn.datasets import load_svmlight_file

    text = _text(content, source, most) if suffix == ".bz2" else content
    if not text.strip():
        raise UserError(f"{source}: found no samples; expected lines of LIBSVM's format")
    if known is not None and known.sha256 is not None:
        found = hashlib.sha256(text).hexdigest()
        if found != known.sha256:
            raise UserError(f"{source}: found SHA-256 {found} of its text; expected {known.sha256}")
    features = settings.features if known is None else known.features
    try:
        values, labels = load_svmlight_file(io.BytesIO(text), n_features=features, zero_based=False)
    except (ValueError, OverflowError):
        raise UserError(f"{source}: {_fault(text, features or MOST_FEATURES)}") from None
    whole = np.isfinite(values.data).all() and np.isfinite(labels).all()
    if not whole or values.shape[1] > MOST_FEATURES:
        raise UserError(f"{source}: {_fault(text, features or MOST_FEATURES)}")
    if known is not None:
        classes = len(np.unique(labels))
        for what, count, expected in (
            ("samples", len(labels), known.samples),
            ("classes", classes, known.classes),
        ):
            if count != expected:
                raise UserError(f"{source}: found {count} {what}; expected {expected}")
    return Content(values, labels)


def require_file(settings: LibsvmData) -> None:
    """Raise UserError if the file is missing and there is no mirror to download it from."""
    folder, known = Path(settings.data_dir), settings.dataset in PUBLISHED
    there = any((folder / name).is_file() for name in file_names(settings.dataset))
    if not there and not (known and settings.mirrors):
        raise _missing(settings)


def _text(archive: bytes, source: str, most: int | None) -> bytes:
    """Return the text of a bz2 file, which may be several streams in a row."""
    parts: list[bytes] = []
    left, size = archive, 0
    try:
        while left:
            reader = bz2.BZ2Decompressor()
            parts.append(reader.decompress(left, -1 if most is None else most + 1 - size))
            size += len(parts[-1])
            if most is not None and size > most:
                raise UserError(f"{source}: found more than {most:,} bytes of text in an archive")
            if not reader.eof:
                raise EOFError
            left = reader.unused_data
    except (OSError, ValueError, EOFError):
        raise UserError(f"{source}: expected a whole bz2 file; found a damaged one") from None
    return b"".join(parts)


def _fault(text: bytes, features: int) -> str:
    """Describe the first line that does not follow the format."""
    for number, line in enumerate(text.splitlines(), start=1):
        label, *pairs = line.partition(b"#")[0].split() or [b"0"]
        if pairs and pairs[0].startswith(b"qid:"):
            del pairs[0]
        last = 0
        for place, word in enumerate([b"0:" + label, *pairs]):
            what = (word if place else label).decode(errors="replace")
            said = _fault_of_pair(word, last, features if place else 0)
            if said:
                return f"line {number}: found {what!r}; expected {said}"
            last = int(word.partition(b":")[0])
    return "found what is not LIBSVM's format"


def _fault_of_pair(word: bytes, last: int, features: int) -> str:
    """Return what was expected of a pair index:value, "" if it is right. A label has index 0."""
    index, _, value = word.partition(b":")
    try:
        place, amount = int(index), float(value)
    except ValueError:
        return "a label and pairs index:value"
    if not math.isfinite(amount):
        return "finite numbers"
    if features and place <= last:
        return "indices from 1 in ascending order"
    if place > features:
        return f"indices up to {features}"
    return ""


def _two_classes(labels: Vector, settings: LibsvmData, path: Path) -> Vector:
    """Return labels as -1 and +1."""
    classes = np.unique(labels)
    if settings.positive is None:
        if len(classes) != 2:
            shown = ", ".join(f"{label:g}" for label in classes[:SHOWN])
            more = ", ..." if len(classes) > SHOWN else ""
            raise UserError(
                f"{path}: found {len(classes)} classes ({shown}{more}); expected labels of two,"
                " or `positive` to name those of the class +1"
            )
        return np.where(labels == classes[1], 1.0, -1.0)
    inside = np.isin(labels, settings.positive)
    if inside.all() or not inside.any():
        side = "all" if inside.all() else "none"
        raise UserError(f"positive: found {side} of {path}'s labels; expected some but not all")
    return np.where(inside, 1.0, -1.0)
