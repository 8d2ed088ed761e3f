"""What stands beside the code: licence, citation, version, the workflow for forks."""

import tomllib
from typing import Any

import pytest
import yaml

from loft.cli import main
from loft.version import __version__
from tests.conftest import ROOT


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_loft_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"loft {__version__}\n"


def test_the_citation_is_of_this_version_and_names_the_papers() -> None:
    citation = read("CITATION.cff")
    assert citation["version"] == __version__
    assert len(citation["references"]) == 3
    assert all(
        author["family-names"] for one in citation["references"] for author in one["authors"]
    )


def test_licence_package_and_citation_agree() -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert package["license"] == read("CITATION.cff")["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_forks_run_the_same_gate() -> None:
    steps = read(".github/workflows/ci.yml")["jobs"]["gate"]["steps"]
    assert ".ci/run" in [step.get("run") for step in steps]
