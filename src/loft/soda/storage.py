"""The files between this study's steps: arrays in numpy's own archives, nothing pickled."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse

from loft.core.errors import UserError
from loft.core.files import write_bytes
from loft.soda.logistic import Matrix, Vector
from loft.soda.optimum import Optimum

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """Samples as a problem uses them.

    Attributes:
        dataset: its name in tables.
        signed: normalised samples times their labels, (m, n).
    """

    dataset: str
    signed: Matrix


def write_samples(path: Path, prepared: Prepared) -> None:
    """Write prepared samples, whole or not at all."""
    signed = prepared.signed
    parts: Arrays = {"signed": signed}
    if issparse(signed):
        parts = {"data": signed.data, "indices": signed.indices, "indptr": signed.indptr}
    _write(path, {"dataset": np.array(prepared.dataset), "shape": np.array(signed.shape), **parts})


def read_samples(path: Path) -> Prepared:
    """Read what `write_samples` wrote. Raises UserError where the file is missing or damaged."""
    arrays = _read(path)
    if "signed" in arrays:
        return Prepared(str(arrays["dataset"]), arrays["signed"])
    parts = (arrays["data"], arrays["indices"], arrays["indptr"])
    return Prepared(str(arrays["dataset"]), csr_array(parts, shape=tuple(arrays["shape"])))


def write_optimum(path: Path, optimum: Optimum) -> None:
    """Write a minimiser, whole or not at all."""
    scalars = {"value": np.array(optimum.value), "mu": np.array(optimum.mu)}
    _write(path, {"w": optimum.w, "subgradient": optimum.subgradient, **scalars})


def read_optimum(path: Path) -> Optimum:
    """Read what `write_optimum` wrote. Raises UserError where the file is missing or damaged."""
    arrays = _read(path)
    w: Vector = arrays["w"]
    return Optimum(w, float(arrays["value"]), arrays["subgradient"], float(arrays["mu"]))


def _write(path: Path, arrays: Arrays) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def _read(path: Path) -> Arrays:
    try:
        with np.load(io.BytesIO(path.read_bytes())) as archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{path}: expected a whole npz file; found: {error}") from None
