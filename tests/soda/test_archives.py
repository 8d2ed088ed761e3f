"""Test that npz files come back unchanged and that damaged ones give one clear line."""

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array, issparse

from loft.core.errors import UserError
from loft.soda.archives import (
    PreparedSamples,
    read_optimum,
    read_samples,
    write_optimum,
    write_samples,
)
from loft.soda.normalisation import signed
from loft.soda.optimum import Optimum

VALUES = np.array([[1.0, 0, -4], [3, 0, 2], [5, 0, 0]])
SPARSE = pytest.mark.parametrize("sparse", [False, True])


@SPARSE
def test_samples_and_optimum_come_back(tmp_path: Path, sparse: bool) -> None:
    values = signed(csr_array(VALUES) if sparse else VALUES, np.array([1.0, -1.0, 1.0]))
    write_samples(tmp_path / "samples.npz", PreparedSamples("mine", values))
    back = read_samples(tmp_path / "samples.npz")
    assert (back.dataset, issparse(back.signed)) == ("mine", sparse)
    assert csr_array(back.signed).toarray().tolist() == (VALUES * [[1], [-1], [1]]).tolist()
    optimum = Optimum(np.array([1.0, 0.0]), 0.5, np.array([0.0, 1e-17]), 0.1)
    write_optimum(tmp_path / "optimum.npz", optimum)
    found = read_optimum(tmp_path / "optimum.npz", 2)
    assert (found.value, found.mu, found.residual) == (0.5, 0.1, 1e-17)
    assert found.bound == pytest.approx(1e-34 / 0.2)


def test_damaged_arrays_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "samples.npz").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(UserError, match="expected a whole npz file"):
        read_samples(tmp_path / "samples.npz")
    with pytest.raises(UserError, match="no such file"):
        read_samples(tmp_path / "other.npz")


DENSE = {"dataset": np.array("mine"), "shape": np.array([3, 3]), "signed": VALUES}
ROWS = csr_array(VALUES)
SPARSE_ARRAYS = {
    **{"dataset": np.array("mine"), "shape": np.array([3, 3])},
    **{"data": ROWS.data, "indices": ROWS.indices, "indptr": ROWS.indptr},
}


PICKLED = np.array([{"a": 1}], dtype=object)


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({**DENSE, "dataset": None}, "dataset: missing"),
        ({**DENSE, "signed": None}, "expected a sparse matrix; found 'data'"),
        ({**DENSE, "more": VALUES}, "more: does not belong there"),
        ({**DENSE, "dataset": np.array(4)}, "dataset: found int64 []; expected text []"),
        ({**DENSE, "shape": np.array(9)}, "shape: found int64 []; expected integers [2]"),
        ({**DENSE, "shape": np.array([3, 4])}, "found float64 [3, 3]; expected float64 [3, 4]"),
        ({**DENSE, "signed": VALUES.astype("float32")}, "found float32 [3, 3]; expected float64"),
        ({**DENSE, "signed": VALUES * np.nan}, "found infinite values or none; expected numbers"),
        ({**DENSE, "signed": PICKLED}, "expected a whole npz file; found: Object arrays cannot be"),
        ({**SPARSE_ARRAYS, "indices": ROWS.indices + 9}, "expected a sparse matrix; found"),
        ({**SPARSE_ARRAYS, "indices": ROWS.indices - 1}, "expected a sparse matrix; found"),
        ({**SPARSE_ARRAYS, "indptr": ROWS.indptr[:-1]}, "expected a sparse matrix; found"),
        ({**SPARSE_ARRAYS, "indptr": ROWS.indptr[::-1]}, "expected a sparse matrix; found"),
        ({**SPARSE_ARRAYS, "indptr": VALUES}, "expected a sparse matrix; found"),
        ({**SPARSE_ARRAYS, "data": ROWS.data * np.inf}, "found infinite values or none"),
    ],
)
def test_wrong_arrays_of_samples_are_refused(
    tmp_path: Path, arrays: dict[str, object], expected: str
) -> None:
    path = tmp_path / "samples.npz"
    kept = {name: array for name, array in arrays.items() if array is not None}
    np.savez(path, allow_pickle=True, **kept)  # type: ignore[arg-type]
    with pytest.raises(UserError) as error:
        read_samples(path)
    assert str(error.value).startswith(f"{path}: {expected}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"w": np.zeros(3)}, "w: found float64 [3]; expected floats [2]"),
        ({"w": np.zeros(2, dtype=int)}, "w: found int64 [2]; expected floats [2]"),
        ({"subgradient": np.full(2, np.nan)}, "subgradient: found infinite values or none"),
        ({"value": np.zeros(1)}, "value: found float64 [1]; expected floats []"),
        ({"mu": None}, "mu: missing"),
        ({"W": np.zeros(2)}, "W: does not belong there"),
    ],
)
def test_wrong_arrays_of_an_optimum_are_refused(
    tmp_path: Path, arrays: dict[str, object], expected: str
) -> None:
    path = tmp_path / "optimum.npz"
    good = {
        "w": np.zeros(2),
        "subgradient": np.zeros(2),
        "value": np.array(1.0),
        "mu": np.array(0.1),
    }
    np.savez(path, **good)  # type: ignore[arg-type]
    assert read_optimum(path, 2).value == 1
    kept = {name: array for name, array in {**good, **arrays}.items() if array is not None}
    np.savez(path, **kept)  # type: ignore[arg-type]
    with pytest.raises(UserError) as error:
        read_optimum(path, 2)
    assert str(error.value).startswith(f"{path}: {expected}")


@SPARSE
def test_samples_cut_anywhere_are_one_line(tmp_path: Path, sparse: bool) -> None:
    path = tmp_path / "samples.npz"
    write_samples(path, PreparedSamples("mine", ROWS if sparse else VALUES))
    content = path.read_bytes()
    for length in range(0, len(content), len(content) // 40):
        path.write_bytes(content[:length])
        with pytest.raises(UserError, match="expected a whole npz file; found: ") as error:
            read_samples(path)
        assert "\n" not in str(error.value)


def test_a_bare_array_is_no_archive(tmp_path: Path) -> None:
    np.save(tmp_path / "samples.npy", VALUES)
    with pytest.raises(UserError, match="expected a whole npz file"):
        read_samples(tmp_path / "samples.npy")
