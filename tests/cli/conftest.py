"""What `--help` of a step says."""

import re
from collections.abc import Callable

import pytest

from loft.cli import main

Options = Callable[[str], set[str]]


@pytest.fixture
def options(capsys: pytest.CaptureFixture[str]) -> Options:
    """Return the options of a step, but for --help."""

    def said(step: str) -> set[str]:
        with pytest.raises(SystemExit) as end:
            main([step, "--help"])
        assert end.value.code == 0
        return {*re.findall(r"--[a-z]+", capsys.readouterr().out)} - {"--help"}

    return said
