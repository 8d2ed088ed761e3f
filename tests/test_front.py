"""What stands beside the code: licence, citation, version, the workflow for forks."""

import tomllib
from typing import Any

import yaml

from tests.conftest import ROOT


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_licence_package_and_citation_agree() -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert package["license"] == read("CITATION.cff")["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_forks_run_the_same_gate() -> None:
    steps = read(".github/workflows/ci.yml")["jobs"]["gate"]["steps"]
    assert ".ci/run" in [step.get("run") for step in steps]
