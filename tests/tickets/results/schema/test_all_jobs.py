"""What the study's lines must hold together, and that all that were published hold it."""

from pathlib import Path
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import read_jobs
from loft.core.reporting.metrics import Line
from loft.tickets.network import norms
from loft.tickets.report.tables import stopping
from loft.tickets.results.schema import all_jobs as schema
from loft.tickets.results.schema import distances as of_distances
from loft.tickets.results.schema import tried
from tests.conftest import ROOT

PUBLISHED = sorted(ROOT.glob("results/*/tickets/metrics"))
Jobs = dict[tuple[Any, ...], list[Line]]


def lines(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("metrics.jsonl"))
    return [path for path in found if not {"updates", "rates"} & {*path.parts}]


@pytest.fixture
def jobs() -> Jobs:
    """The jobs of the default run, by step, cell and seed."""
    made = read_jobs(lines(ROOT / "results/digits/tickets/metrics"), schema.STEPS).values()
    return {(job[0]["step"], job[0].get("cell")): job for job in made}


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.parts[-3])
def test_published_lines_are_what_they_should_be(folder: Path) -> None:
    schema.check_all_jobs(read_jobs(lines(folder), schema.STEPS).values())
    read_jobs(sorted(folder.rglob("rates/*/metrics.jsonl")), tried.STEPS)


def test_names_are_those_of_what_measures() -> None:
    assert (*norms.FILTER_NORMS,) == of_distances.NORMS
    assert (*stopping.RULES,) == of_distances.BETWEEN


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        (("pretrain", "unpruned"), "step 'pretrain' of preresnet18 digits unpruned seed 0"),
        (("pretrain", "gpipe-2"), "step 'pretrain' of preresnet18 digits gpipe-2 seed 0"),
        (("finetune", "loft-4"), "step 'finetune' of preresnet18 digits loft-4 seed 0"),
        (("distance", None), "step 'distance'"),
    ],
)
def test_lines_that_others_need_are_missed(
    jobs: Jobs, lost: tuple[str, str | None], expected: str
) -> None:
    del jobs[lost]
    with pytest.raises(UserError, match=f"--metrics: found no lines of {expected}; expected "):
        schema.check_all_jobs(jobs.values())


def test_distances_are_of_whole_pretrainings(jobs: Jobs) -> None:
    distances = jobs["distance", None]
    kept = [line for line in distances if line.get("cell") != "loft-2"]
    jobs["distance", None] = kept
    with pytest.raises(UserError, match="no lines of step 'distance' of preresnet18 digits loft-2"):
        schema.check_all_jobs(jobs.values())
    other = [{**line, "to_epoch": 3} if "to_epoch" in line else line for line in distances]
    jobs["distance", None] = other
    with pytest.raises(UserError, match=r"found distances to epoch 3 of .*; expected to its last"):
        schema.check_all_jobs(jobs.values())
