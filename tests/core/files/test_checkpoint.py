"""Weights: whole or not at all, and refused where they are damaged."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from loft.core.errors import JobError, UserError
from loft.core.files.atomic import write_bytes
from loft.core.files.checkpoint import (
    DTYPES,
    check_tensors,
    checksum,
    read_arrays,
    read_network,
    read_tensors,
    write_network,
    write_tensors,
)


def test_a_network_and_what_it_is_are_read_back(tmp_path: Path) -> None:
    weights = {"a": torch.arange(6.0).view(1, 2, 1, 3).to(memory_format=torch.channels_last)}
    write_network(tmp_path / "model.safetensors", weights, {"epoch": 3})
    back, about = read_network(tmp_path / "model.safetensors")
    assert torch.equal(back["a"], weights["a"])
    assert about == {"epoch": 3, "sha256": checksum(weights)}


@pytest.mark.parametrize("change", [{"a": torch.ones(2)}, {"b": torch.zeros(2)}])
def test_weights_of_another_network_are_refused(
    change: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    write_network(path, {"a": torch.zeros(2)}, {})
    write_tensors(path, change)
    with pytest.raises(UserError, match=r"found weights with the checksum .*model\.json says"):
        read_network(path)
    path.with_suffix(".json").write_text("{}")
    with pytest.raises(UserError, match=r"model\.json: sha256: missing, as in files of older"):
        read_network(path)


@pytest.mark.parametrize("about", ["", '{"ü": 1}'])
def test_a_file_is_what_safetensors_writes(tmp_path: Path, about: str) -> None:
    """Byte for byte, whatever the types, names and shapes; in another layout, the same."""
    tensors = {
        f"{name}.é/{n}": torch.ones(n).to(getattr(torch, name))
        for name in DTYPES
        for n in (3, 1, 0)
    }
    tensors |= {"scalar": torch.tensor(7), "image": torch.rand(2, 3, 4, 5)}
    laid = {**tensors, "image": tensors["image"].to(memory_format=torch.channels_last)}
    write_tensors(tmp_path / "file", laid, about)
    expected = save(tensors, metadata={"about": about} if about else None)
    assert (tmp_path / "file").read_bytes() == expected


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def full(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(JobError, match=r"file: cannot be written: disk full"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_damaged_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_network(path, {"a": torch.ones(9)}, {})
    path.with_suffix(".json").write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match=r"model\.json: expected JSON"):
        read_network(path)
    path.with_suffix(".json").unlink()
    with pytest.raises(UserError, match=r"model\.json: no such file"):
        read_network(path)
    path.write_bytes(b"no tensors")
    with pytest.raises(UserError, match="expected a whole safetensors file"):
        read_network(path)


def test_arrays_are_the_tensors(tmp_path: Path) -> None:
    path = tmp_path / "two.safetensors"
    write_tensors(path, {"a": torch.arange(6.0).reshape(2, 3), "n": torch.tensor(7)}, "what")
    arrays, about = read_arrays(path)
    tensors, _ = read_tensors(path)
    assert about == "what"
    assert {name: array.tolist() for name, array in arrays.items()} == {
        name: tensor.tolist() for name, tensor in tensors.items()
    }
    check_tensors(path, arrays, {"a": (2, 3), "n": ()})
    with pytest.raises(UserError, match=r"a: found float32 \[2, 3\]; expected float32 \[3, 2\]"):
        check_tensors(path, arrays, {"a": (3, 2), "n": ()})
