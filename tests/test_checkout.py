"""A clone by git for Windows has the bytes that were committed, and so reruns nothing."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

NAMES = [".gitattributes", "Snakefile", "params/digits.yaml", "src/loft/run.py", "Makefile"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_line_ends_are_as_they_were_committed(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    tables = [*ROOT.glob("results/digits/**/*.csv"), *ROOT.glob("results/digits/**/figure*.*")]
    stored = [path for path in ROOT.glob("artifacts/**/*") if path.is_file()]
    for path in [*(ROOT / name for name in NAMES), *tables, *stored]:
        (ours / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, ours / path.relative_to(ROOT))
    (ours / "artifacts" / "like-a-text").write_bytes(b"one\r\ntwo\r\n")  # a hash is its name

    def git(*arguments: object) -> None:
        windows = ["-c", "core.autocrlf=true", "-c", "core.eol=crlf"]
        who = ["-c", "user.name=t", "-c", "user.email=t@t"]
        command = ["git", *windows, *who, *map(str, arguments)]
        subprocess.run(command, cwd=ours, check=True, capture_output=True)

    git("init", "-q")
    git("add", "--all")
    git("commit", "-qm", "All")
    git("clone", "-q", ".", theirs)
    committed = [path for path in ours.rglob("*") if path.is_file() and ".git" not in path.parts]
    assert len(committed) > len(NAMES)
    for path in committed:
        assert (theirs / path.relative_to(ours)).read_bytes() == path.read_bytes(), path
