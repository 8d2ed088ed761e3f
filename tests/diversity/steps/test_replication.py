"""Test the lines of the step `loft diversity-replication`."""

from pathlib import Path

import pytest

from loft.core.reporting.metrics import Line, read
from loft.diversity.steps import replication
from loft.run import check
from tests.diversity.runs import TINY


@pytest.fixture(scope="module")
def lines(images_file: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    path = tmp_path_factory.mktemp("lines") / "metrics.jsonl"
    replication.run(check(TINY, "tiny").replication_job("logistic"), images_file, path)
    return read(path)


def test_every_configuration_is_tuned_and_repeated(lines: list[Line]) -> None:
    tuned = [line for line in lines if line["kind"] == "tuned"]
    runs = [line for line in lines if line["kind"] == "run"]
    configurations = 6  # mechanism and factor, in `TINY`
    assert len(tuned) == 2 * configurations  # batch sizes
    assert len(runs) == 2 * 2 * configurations  # and repetitions
    assert all(len(line["losses"]) == 2 for line in runs)


def test_replication_does_not_change_the_bound(lines: list[Line]) -> None:
    """Definition 1 falls by r and the number of samples grows by r."""
    found = [line for line in lines if line["kind"] == "diversity" and line["when"] == "start"]
    for line in found:
        assert line["bound"] == pytest.approx(line["samples"] * line["diversity"], rel=1e-4)
        assert line["samples"] == 24
    plain = [line for line in found if line["mechanism"] == "none"]
    assert plain[1]["mechanism_bound"] == plain[1]["bound"]
