"""The environment that `make` sets up: on which Python, and from what."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.project import ROOT

FAKE = """#!/bin/sh
shift  # -c
exec {python} -c 'import sys; sys.version_info = ({version}, 0); exec(sys.argv[1])' "$@"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What setting up reads, and no environment yet."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(folder: Path, *given: str) -> subprocess.CompletedProcess[str]:
    command = ["make", ".venv/.ready", *given]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("version", "fits"),
    [("2, 7", False), ("3, 10", False), ("3, 11", True), ("3, 13", True), ("3, 14", False)],
)
def test_another_python_is_refused_before_anything_is_made(
    folder: Path, version: str, fits: bool
) -> None:
    python = folder / "python"
    python.write_text(FAKE.format(python=sys.executable, version=version), encoding="utf-8")
    python.chmod(0o755)
    said = make(folder, f"PYTHON={python}").stderr
    found = version.replace(", ", ".")
    refused = f"loft needs Python 3.11 to 3.13, found {found}: make PYTHON=python3.12"
    assert (refused in said) is not fits  # a fake that fits goes on to fail as a venv's maker
    assert not (folder / ".venv").exists()


def test_all_say_the_same_pythons() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "Python 3.11 to 3.13 and `make`" in (ROOT / "README.md").read_text("utf-8")


def test_packages_from_source_are_built_by_the_locks_setuptools(folder: Path) -> None:
    commands = make(folder, "--dry-run").stdout.splitlines()
    (install,) = (line for line in commands if line.endswith(" -r requirements.lock"))
    assert "--require-hashes --build-constraints .venv/build.lock" in install
    (extract,) = (line for line in commands if line.endswith("> .venv/build.lock"))
    (folder / ".venv").mkdir()
    subprocess.run(extract, shell=True, cwd=folder, check=True)
    first, *rest = (folder / ".venv" / "build.lock").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"setuptools==[\d.]+ \\", first)
    assert rest[0].startswith("    --hash=sha256:")
    assert not [line for line in rest if re.match(r"\w", line)]  # nothing but setuptools
