"""Files that are whole or not there, and what processes that were killed leave."""

import subprocess
from pathlib import Path

import pytest

from loft.core.files.atomic import copy_files, temporary_name, write_bytes


def gone() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen(["true"]) as process:
        return process.pid


def test_writing_again_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    left, alive = tmp_path / f".a.json.{gone()}", tmp_path / ".a.json.1"
    others = [tmp_path / name for name in (f".b.json.{gone()}", ".a.json.x", "a.json.1", ".a.json")]
    for path in (left, alive, *others):
        path.write_bytes(b"half")
    write_bytes(tmp_path / "a.json", b"whole")
    assert not left.exists()
    assert all(path.read_bytes() == b"half" for path in (alive, *others))
    assert (tmp_path / "a.json").read_bytes() == b"whole"


def test_a_folder_that_a_killed_process_left_goes_too(tmp_path: Path) -> None:
    left = tmp_path / f".mlflow.db.{gone()}"
    left.mkdir()
    (left / "mlflow.db").write_bytes(b"half")
    assert temporary_name(tmp_path / "mlflow.db").parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_what_is_half_written_is_not_copied(tmp_path: Path) -> None:
    source = tmp_path / "source"
    write_bytes(source / "deep" / "model.safetensors", b"whole")
    write_bytes(source / "deep" / ".hidden", b"whole")
    for name in (".model.safetensors.1", ".norms.safetensors.20"):
        (source / "deep" / name).write_bytes(b"half")
    copy_files(source, tmp_path / "copy")
    copied = {path.name for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    assert copied == {"model.safetensors", ".hidden"}


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"whole")
    with pytest.raises(TypeError):
        write_bytes(tmp_path / "a", "no bytes")  # type: ignore[arg-type]
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]
