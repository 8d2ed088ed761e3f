"""`make` says what is wrong before it builds anything."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("target", ["reproduce", "reprint", "report", "ui"])
def test_a_run_that_is_not_there_is_one_line_and_builds_no_environment(
    tmp_path: Path, target: str
) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "digits.yaml").write_text("run: digits\n", encoding="utf-8")
    command = ["make", target, "PARAMS=params/digit.yaml", "PYTHON=false"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    said = "PARAMS: found 'params/digit.yaml', which is no file; expected one of params/digits.yaml"
    assert done.stderr.splitlines()[0] == said
    assert done.stdout == ""
    assert not (tmp_path / ".venv").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("written", ["digits-2", '"digits-2"', "'digits-2'  # one"])
def test_a_run_is_found_however_its_name_is_written(tmp_path: Path, written: str) -> None:
    params = tmp_path / "x.yaml"
    params.write_text(f"run: {written}\n", encoding="utf-8")
    command = ["make", "--dry-run", "report", f"PARAMS={params}"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert "results/digits-2/report.html" in done.stdout
