"""The files between this study's steps: arrays in numpy's own archives, nothing pickled."""

import io
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse

from loft.core.errors import UserError, suggestion
from loft.core.files.atomic import expect_file, write_bytes
from loft.soda.logistic import Matrix, Vector
from loft.soda.optimum import Optimum

Arrays = dict[str, Any]
UNREADABLE = (  # what a damaged archive makes zipfile and NumPy raise
    *(OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error),
    *(KeyError, RuntimeError, MemoryError, SyntaxError),
)


@dataclass(frozen=True)
class PreparedSamples:
    """Samples as a problem uses them.

    Attributes:
        dataset: its name in tables.
        signed: normalised samples times their labels, (m, n).
    """

    dataset: str
    signed: Matrix


def write_samples(path: Path, prepared: PreparedSamples) -> None:
    """Write prepared samples, whole or not at all."""
    signed = prepared.signed
    parts: Arrays = {"signed": signed}
    if issparse(signed):
        parts = {"data": signed.data, "indices": signed.indices, "indptr": signed.indptr}
    _write(path, {"dataset": np.array(prepared.dataset), "shape": np.array(signed.shape), **parts})


def read_samples(path: Path) -> PreparedSamples:
    """Read what `write_samples` wrote.

    Raises:
        UserError: the file is missing or damaged, or is no matrix of numbers.
    """
    arrays = _read(path, ("dataset", "shape"), ("signed", "data", "indices", "indptr"))
    _expect(path, "dataset", arrays["dataset"], "U", ())
    _expect(path, "shape", arrays["shape"], "i", (2,))
    dataset, shape = str(arrays["dataset"]), tuple(arrays["shape"].tolist())
    try:
        signed = arrays.get("signed")
        if signed is None:
            parts = (arrays["data"], arrays["indices"], arrays["indptr"])
            signed = csr_array(parts, shape=shape)
            signed.check_format(full_check=True)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: expected a sparse matrix; found {error}") from None
    if signed.ndim != 2 or signed.shape != shape or 0 in shape or signed.dtype != np.float64:
        found = f"{signed.dtype} {[*signed.shape]}"
        raise UserError(f"{path}: found {found}; expected float64 {[*shape]}, samples by features")
    if not np.isfinite(signed.data if issparse(signed) else signed).all():
        raise UserError(f"{path}: found infinite values or none; expected numbers")
    return PreparedSamples(dataset, signed)


def write_optimum(path: Path, optimum: Optimum) -> None:
    """Write a minimiser, whole or not at all."""
    scalars = {"value": np.array(optimum.value), "mu": np.array(optimum.mu)}
    _write(path, {"w": optimum.w, "subgradient": optimum.subgradient, **scalars})


def read_optimum(path: Path, features: int) -> Optimum:
    """Read what `write_optimum` wrote, the minimiser of a problem with so many features.

    Raises:
        UserError: the file is missing or damaged, or is another problem's.
    """
    arrays = _read(path, ("w", "subgradient", "value", "mu"), ())
    for name, array in arrays.items():
        _expect(path, name, array, "f", (features,) if name in ("w", "subgradient") else ())
        if not np.isfinite(array).all():
            raise UserError(f"{path}: {name}: found infinite values or none; expected numbers")
    w: Vector = arrays["w"]
    return Optimum(w, float(arrays["value"]), arrays["subgradient"], float(arrays["mu"]))


def _write(path: Path, arrays: Arrays) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def _read(path: Path, needed: Collection[str], others: Collection[str]) -> Arrays:
    """Read arrays: those that must be there, and others that may be."""
    expect_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {
                name.removesuffix(".npy"): _array(archive, name) for name in archive.namelist()
            }
    except UNREADABLE as error:
        raise UserError(f"{path}: expected a whole npz file; found: {error}") from None
    for name in needed:
        if name not in arrays:
            raise UserError(f"{path}: {name}: missing{suggestion(name, arrays)}")
    for name in arrays.keys() - {*needed, *others}:
        raise UserError(f"{path}: {name}: does not belong there{suggestion(name, needed)}")
    return arrays


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    found = np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
    if not isinstance(found, np.ndarray):
        raise ValueError(f"{name} is no array")
    return found


def _expect(path: Path, name: str, array: NDArray[Any], kind: str, shape: tuple[int, ...]) -> None:
    """Hold an array against the kind of its values, NumPy's letter, and its shape."""
    if (array.dtype.kind, array.shape) != (kind, shape):
        wanted = {"U": "text", "i": "integers", "f": "floats"}[kind]
        raise UserError(
            f"{path}: {name}: found {array.dtype} {[*array.shape]}; expected {wanted} {[*shape]}"
        )
