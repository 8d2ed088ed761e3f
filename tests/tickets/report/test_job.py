"""Margin and confidence of verdicts are such that a verdict means something."""

import pytest
from pydantic import ValidationError

from loft.tickets.report.job import FiguresJob, TableJob, VerdictSettings


@pytest.mark.parametrize(
    ("key", "value"),
    [("margin", 0), ("margin", -0.8), ("confidence", 0.5), ("confidence", 1), ("confidence", 95)],
)
def test_what_cannot_be_names_its_key(key: str, value: float) -> None:
    with pytest.raises(ValidationError) as error:
        VerdictSettings.model_validate({key: value})
    assert [each["loc"] for each in error.value.errors()] == [(key,)]


def test_jobs_come_back_from_json() -> None:
    for job in (TableJob(verdict=VerdictSettings(margin=1.5)), FiguresJob(cells=["loft-2"])):
        assert type(job).parse(job.dump()) == job


def test_a_cell_is_drawn_once() -> None:
    with pytest.raises(ValidationError, match="found 'loft-2' twice; expected all different"):
        FiguresJob(cells=["loft-2", "loft-2"])
