"""What the lines of all jobs must hold together, and that all that were published hold it."""

from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import read_jobs
from loft.core.reporting.metrics import Line
from loft.diversity.line_schema.all_jobs import STEPS, check_all_jobs
from tests.conftest import ROOT
from tests.project import committed_lines

PUBLISHED = sorted(ROOT.glob("results/*/diversity"))


def jobs(folder: Path = ROOT / "results" / "digits" / "diversity") -> list[list[Line]]:
    return [*read_jobs(committed_lines(folder), STEPS).values()]


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.parent.name)
def test_published_lines_are_what_they_should_be(folder: Path) -> None:
    check_all_jobs(jobs(folder), STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_without_lines_is_missed(step: str) -> None:
    others = [job for job in jobs() if job[0]["step"] != step]
    with pytest.raises(UserError, match=f"found no lines of step '{step}'; expected some"):
        check_all_jobs(others, STEPS)


def test_a_pass_of_several_workers_needs_one_of_one() -> None:
    made = jobs()
    (alone,) = (job for job in made if (job[0]["step"], job[0].get("workers")) == ("speedup", 1))
    lost = max(line["batch"] for line in alone[1:])
    others = [job for job in made if job is not alone]
    others.append([line for line in alone if line.get("batch") != lost])
    expected = f"found no pass of 1 worker with batch {lost}; expected it beside that of 2"
    with pytest.raises(UserError, match=expected):
        check_all_jobs(others, STEPS)
