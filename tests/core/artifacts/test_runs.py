"""A run is found by its name."""

from pathlib import Path

import pytest

from loft.core.artifacts.runs import default_run, dvc_files, params_file
from loft.core.errors import UserError
from loft.core.files.run_paths import results_folder
from tests.core.artifacts import toy


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = toy.found_at(tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.usefixtures("project")
def test_the_stage_names_the_default_run() -> None:
    assert default_run() == "toy"


def test_outside_of_the_project_nothing_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"no dvc.yaml here"):
        default_run()


@pytest.mark.usefixtures("project")
def test_a_params_file_is_found_by_its_run() -> None:
    assert params_file("other") == Path("params/other.yaml")
    with pytest.raises(UserError, match="--run: found 'third'; expected one of other, toy"):
        params_file("third")


@pytest.mark.usefixtures("project")
def test_pointers_lie_below_the_results() -> None:
    names = [results_folder("other") / name for name in ("net.dvc", "deep/ticket.dvc", "a.csv")]
    toy.write(Path(), dict.fromkeys(names, ""))
    assert dvc_files("other") == sorted(names[:2])
