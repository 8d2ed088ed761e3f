"""Test the step `loft soda-processes` as a user runs it: optimum, bytes, errors."""

import contextlib
import io
from pathlib import Path

import pytest

from loft.cli import main
from loft.core.reporting.joined_lines import read_joined
from loft.core.reporting.metrics import Line
from loft.soda.jobs import OptimumJob, ProcessesJob, SamplesJob
from loft.soda.steps import optimum, samples
from tests.soda.problems import CLUSTERS, problem, processes_job


def by_processes(folder: Path, job: ProcessesJob) -> list[Line]:
    """Run the steps; the last one as a user does, but with torch imported already."""
    data = SamplesJob(data=CLUSTERS, normalisation=job.normalisation)
    samples.run(data, folder / "samples.npz")
    names = job.model_dump(include={"problem", "normalisation", "lambda_1", "lambda_2"})
    found = OptimumJob(**names, kkt_tolerance=1e-14)
    made = folder / "optimum.npz"
    optimum.run(found, folder / "samples.npz", made, folder / "optimum.jsonl")
    given = ["--samples", str(folder / "samples.npz"), "--optimum", str(made)]
    metrics = folder / "metrics.jsonl"
    given += ["--metrics", str(metrics), "--settings", job.dump()]
    with contextlib.redirect_stderr(io.StringIO()) as said:
        status = main(["soda-processes", *given])
    assert status == 0, said.getvalue()
    return read_joined(metrics)


def check(lines: list[Line], workers: int) -> None:
    by_kind = {line["kind"]: line for line in lines}
    end = by_kind["run"]
    assert end["outcome"] == "converged"
    assert end["suboptimality"] <= 1e-12
    assert end["support"] == problem().optimum.support
    assert by_kind["replay"]["largest_difference"] <= 1e-12
    assert by_kind["replay"]["suboptimality"] == pytest.approx(end["suboptimality"], rel=1e-3)
    master, *others = [line for line in lines if line["kind"] == "process"]
    assert len(others) == workers == len({line["pid"] for line in others})
    assert master["bytes_sent"] == end["bytes_down"] + 12 * workers
    sent = sum(line["bytes_sent"] for line in others)
    assert end["bytes_up"] <= sent <= end["bytes_up"] + (workers - 1) * (12 + 8 * 30)


def test_processes_reach_the_optimum_and_count_their_bytes(tmp_path: Path) -> None:
    check(by_processes(tmp_path, processes_job(4, 0.2)), 4)


@pytest.mark.slow
def test_twenty_processes_reach_the_optimum(tmp_path: Path) -> None:
    check(by_processes(tmp_path, processes_job(20, 0.2)), 20)


def test_a_step_that_is_too_large_is_one_line(tmp_path: Path) -> None:
    job = processes_job(2, 0.2).model_copy(update={"gamma": 50.0})
    with pytest.raises(
        AssertionError, match=r"^loft: soda\.problems: gamma of clusters: found 50;"
    ):
        by_processes(tmp_path, job)
