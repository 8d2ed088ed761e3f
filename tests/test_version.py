"""The version is one, wherever it is written."""

import yaml

from loft.version import __version__
from tests.conftest import ROOT, loft


def test_the_citation_names_it() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == __version__


def test_the_command_line_prints_it() -> None:
    assert loft("--version").stdout.strip() == f"loft {__version__}"
