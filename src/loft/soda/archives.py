"""Read and write the npz files that this study's steps pass on; nothing in them is pickled."""

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
UNREADABLE = (  # errors that zipfile and NumPy raise on a damaged archive
    *(OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error),
    *(KeyError, RuntimeError, MemoryError, SyntaxError),
)


@dataclass(frozen=True)
class PreparedSamples:
    """Normalised samples of a problem.

    Attributes:
        dataset: name of the data set in tables.
        signed: normalised samples times their labels, (m, n).
    """

    dataset: str
    signed: Matrix


def write_samples(path: Path, prepared: PreparedSamples) -> None:
    """Write prepared samples atomically."""
    signed = prepared.signed
    parts: Arrays = {"signed": signed}
    if issparse(signed):
        parts = {"data": signed.data, "indices": signed.indices, "indptr": signed.indptr}
    _write(path, {"dataset": np.array(prepared.dataset), "shape": np.array(signed.shape), **parts})


def read_samples(path: Path) -> PreparedSamples:
    """Read a file of `write_samples`.

    Raises:
        UserError: the file is missing or damaged, or holds no matrix of finite numbers.
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
    """Write a minimiser atomically."""
    scalars = {"value": np.array(optimum.value), "mu": np.array(optimum.mu)}
    _write(path, {"w": optimum.w, "subgradient": optimum.subgradient, **scalars})


def read_optimum(path: Path, features: int) -> Optimum:
    """Read a file of `write_optimum` for a problem with this number of features.

    Raises:
        UserError: the file is missing or damaged, or has another number of features.
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
    """Read the arrays of a file: all `needed` ones, and any of the `others`."""
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
    """Check an array's kind (NumPy's letter) and shape. Raises UserError."""
    if (array.dtype.kind, array.shape) != (kind, shape):
        wanted = {"U": "text", "i": "integers", "f": "floats"}[kind]
        raise UserError(
            f"{path}: {name}: found {array.dtype} {[*array.shape]}; expected {wanted} {[*shape]}"
        )
