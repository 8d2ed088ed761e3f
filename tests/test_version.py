"""The version is one, wherever it is written."""

import pytest
import yaml

from loft.cli import main
from loft.version import __version__
from tests.conftest import ROOT


def test_loft_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"loft {__version__}\n"


def test_the_citation_is_of_this_version_and_names_the_papers() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == __version__
    assert len(citation["references"]) == 3
    assert all(
        author["family-names"] for one in citation["references"] for author in one["authors"]
    )
