"""The tool that strikes steps at random moments, itself: every step it knows, and some blows."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
def test_every_step_ends_and_some_struck_ones_too() -> None:
    given = [sys.executable, "-m", "tests.faults", "--times", "3"]
    done = subprocess.run(given, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "| all |" in done.stdout
