"""Test that the step `loft soda-optimum` certifies its minimiser."""

from pathlib import Path

from loft.core.reporting.metrics import read
from loft.soda.archives import read_optimum
from loft.soda.settings import SodaSettings


def test_the_line_describes_the_minimiser_in_the_file(folder: Path, soda: SodaSettings) -> None:
    (line,) = [line for line in read(folder / "optimum.jsonl") if line["kind"] == "optimum"]
    found = read_optimum(folder / "optimum.npz", line["features"])
    assert (line["support"], line["value"]) == (found.support, found.value)
    assert line["kkt_residual"] == found.residual <= soda.kkt_tolerance
