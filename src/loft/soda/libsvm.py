"""Files in LIBSVM's format: found or downloaded, held against checksums, read and checked.

A line is a label and pairs index:value, indices counted from 1 and ascending.
"""

import bz2
import hashlib
import io
import math
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from loft.core.errors import UserError
from loft.core.files import write_bytes
from loft.soda.config import LibsvmData
from loft.soda.logistic import Vector
from loft.soda.samples import Samples, fitting

TIMEOUT = 60  # seconds without an answer from a mirror
SHOWN = 5  # labels in an error's text


@dataclass(frozen=True)
class Known:
    """A file as LIBSVM publishes it.

    Attributes:
        path: below a mirror.
        samples, features: its shape.
        sha256: of its text, not of the archive; None where bz2's own checksum must do.
    """

    path: str
    samples: int
    features: int
    sha256: str | None


KNOWN = {
    "madelon": Known(
        "binary/madelon",
        2000,
        500,
        "4801c452441772b47674fa8deb3724b1cb897eff49ccd8d47078367080c05b54",
    ),
    "w8a": Known(
        "binary/w8a",
        49749,
        300,
        "6a9fa8fd5f524303240a5db07d4b3d4a51e8b7b4b20a914105d8e3e8c81640f2",
    ),
    "a9a": Known(
        "binary/a9a",
        32561,
        123,
        "f5d5ffd8d865ff41328e7ee043e4b020816914ff6843ff15b98905ddbedce906",
    ),
    "news20": Known(
        "multiclass/news20.bz2",
        15935,
        62061,
        "1d6eb77c42e1c78e86f36af834268de933da3607f38e3703aef15f7a9f11e506",
    ),
    "rcv1_train": Known("binary/rcv1_train.binary.bz2", 20242, 47236, None),
    "real-sim": Known("binary/real-sim.bz2", 72309, 20958, None),
}


def load(settings: LibsvmData) -> Samples:
    """Read a file's samples; of several classes `positive` names those that are +1.

    Raises:
        UserError: the file is missing and cannot be downloaded, or is damaged; or labels are not of
            two classes.
    """
    from sklearn.datasets import load_svmlight_file

    path = _find(settings)
    text = _text(path)
    known = KNOWN.get(settings.dataset)
    if known is not None and known.sha256 is not None:
        found = hashlib.sha256(text).hexdigest()
        if found != known.sha256:
            raise UserError(f"{path}: found SHA-256 {found} of its text; expected {known.sha256}")
    features = None if known is None else known.features
    try:
        values, labels = load_svmlight_file(io.BytesIO(text), n_features=features, zero_based=False)
    except ValueError:
        raise UserError(f"{path}: {_fault(text, features)}") from None
    if not (np.isfinite(values.data).all() and np.isfinite(labels).all()):
        raise UserError(f"{path}: {_fault(text, features)}")
    if known is not None and len(labels) != known.samples:
        raise UserError(f"{path}: found {len(labels)} samples; expected {known.samples}")
    return Samples(settings.dataset, fitting(values), _two_classes(labels, settings, path))


def names(dataset: str) -> list[str]:
    """Return the names of files that a data set is looked for under; the first one there counts."""
    known = KNOWN.get(dataset)
    published = [] if known is None else [Path(known.path).name]
    return sorted({dataset, f"{dataset}.bz2", *published})


def look(settings: LibsvmData) -> None:
    """Raise UserError where the file is missing and there is nowhere to download it from."""
    folder, known = Path(settings.data_dir), settings.dataset in KNOWN
    there = any((folder / name).is_file() for name in names(settings.dataset))
    if not there and not (known and settings.mirrors):
        raise UserError(
            f"data_dir: {folder / settings.dataset}: no such file; expected LIBSVM's file, plain or"
            " .bz2"
        )


def _find(settings: LibsvmData) -> Path:
    """Return the file, plain or bz2, after downloading it where it is missing."""
    folder = Path(settings.data_dir)
    known = KNOWN.get(settings.dataset)
    for name in names(settings.dataset):
        if (folder / name).is_file():
            return folder / name
    problems = []
    for mirror in settings.mirrors if known is not None else []:
        assert known is not None
        address = f"{mirror.rstrip('/')}/{known.path}"
        print(f"downloading {address}", file=sys.stderr)
        try:
            with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
                content = answer.read()
        except (OSError, ValueError) as error:
            problems.append(f"{mirror}: {' '.join(str(error).split())}")
            continue
        path = folder / Path(known.path).name
        write_bytes(path, content)
        return path
    why = f"no mirror served it ({'; '.join(problems)})" if problems else "no such file"
    raise UserError(
        f"data_dir: {folder / settings.dataset}: {why}; expected LIBSVM's file, plain or .bz2"
    )


def _text(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".bz2":
        try:
            content = bz2.decompress(content)
        except (OSError, ValueError):
            raise UserError(f"{path}: expected a whole bz2 file; found a damaged one") from None
    if not content.strip():
        raise UserError(f"{path}: found no samples; expected lines of LIBSVM's format")
    return content


def _fault(text: bytes, features: int | None) -> str:
    """Say which line is no line of the format, and why."""
    for number, line in enumerate(text.splitlines(), start=1):
        label, *pairs = line.partition(b"#")[0].split() or [b"0"]
        last = 0
        for word in [b"0:" + label, *pairs]:
            index, _, value = word.partition(b":")
            what = word.decode(errors="replace") if word in pairs else label.decode("latin-1")
            try:
                place, amount = int(index), float(value)
            except ValueError:
                return f"line {number}: found {what!r}; expected a label and pairs index:value"
            if not math.isfinite(amount):
                return f"line {number}: found {what!r}; expected finite numbers"
            if word in pairs and place <= last:
                return f"line {number}: found {what!r}; expected indices from 1 in ascending order"
            if features is not None and place > features:
                return f"line {number}: found {what!r}; expected indices up to {features}"
            last = place
    return "found what is not LIBSVM's format"


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
