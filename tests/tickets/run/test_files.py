"""Test the list of the files of a run's jobs."""

from pathlib import Path

from loft.run import read
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.results.paths import Paths
from loft.tickets.run.files import Files
from loft.tickets.run.run import Run
from tests.conftest import ROOT

RESULTS = ROOT / "results" / "digits"


def test_every_committed_line_is_listed() -> None:
    files = Files(read(ROOT / "params" / "digits.yaml"), Paths(RESULTS))
    found = {*(RESULTS / "tickets" / "metrics").rglob("metrics.jsonl")}
    assert {*files.lines, *files.updates} == found
    assert {path.parent.name for path in files.updates} == {"updates"}


def test_norms_and_lines_are_of_the_same_pretrainings_in_the_same_order(run: Run) -> None:
    files = Files(run, Paths(Path("results/tiny")))
    whose = [path.parts[3:6] for path in files.norms]
    assert whose == [path.parts[4:7] for path in files.pretrained]
    assert [cell for _, cell, _ in whose] == [*run.trained, UNPRUNED]
    assert [path.parts[3:6] for path in files.pairs] == [("preresnet18", UNPRUNED, "seed0")]
