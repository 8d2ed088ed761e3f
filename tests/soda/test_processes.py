"""Real processes: the same iterates as the simulation, the same bytes, the same optimum."""

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from loft.cli import main
from loft.core.launch import launch
from loft.core.metrics import Line, read
from loft.core.workers import Processes
from loft.soda.jobs import OptimumJob, ProcessesJob, SamplesJob
from loft.soda.processes import follow, lead
from loft.soda.simulation import Replay, run
from loft.soda.stages import optimum, samples
from tests.soda.problems import CLUSTERS, monitor, problem, team

ORDER = [0, 2, 2, 1, 0, 1, 1, 2, 0, 0] * 12  # uneven on purpose
P = 0.4


def replayed(out: Path, kind: str, p: float) -> None:
    """Be one of a master and three workers that are heard in a given order."""
    workers, of = Processes(gpu=False), problem(kind)
    group = team(of, 3, p)
    start = np.zeros(group.features)
    if workers.rank:
        follow(group, workers, start)
    else:
        order: Iterator[int] = iter(ORDER)
        master, heard = lead(group, workers, monitor(of, 3, epochs=40), start, order)
        out.write_text(json.dumps({"w": master.w.tolist(), "heard": heard, "sent": workers.sent}))
    workers.close()


@pytest.mark.parametrize(
    ("kind", "p"), [pytest.param("dense", P, marks=pytest.mark.slow), ("dense", 1.0), ("sparse", P)]
)
def test_both_engines_agree_on_the_same_order(tmp_path: Path, kind: str, p: float) -> None:
    launch(replayed, (tmp_path / "out.json", kind, p), 4)
    found = json.loads((tmp_path / "out.json").read_text())
    of = problem(kind)
    group, measured = team(of, 3, p), monitor(of, 3, epochs=40)
    master = run(group, Replay(ORDER), measured, np.zeros(group.features))
    assert found["heard"] == ORDER
    assert master.support.any()
    assert np.allclose(found["w"], master.w, rtol=0, atol=1e-12)
    end = 3 * 12  # the messages that end three workers are headers alone
    assert found["sent"] == measured.points[-1].bytes_down + end


def settings(workers: int, p: float) -> ProcessesJob:
    return ProcessesJob(
        problem="clusters",
        normalisation="standardise",
        lambda_1=0.03,
        lambda_2=0.05,
        gamma=None,
        seed=0,
        workers=workers,
        target=1e-12,
        epochs=4000,
        measure_every=10,
        p=p,
    )


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
    return read(metrics)


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
    check(by_processes(tmp_path, settings(4, 0.2)), 4)


@pytest.mark.slow
def test_twenty_processes_reach_the_optimum(tmp_path: Path) -> None:
    check(by_processes(tmp_path, settings(20, 0.2)), 20)


def test_a_step_that_is_too_large_is_one_line(tmp_path: Path) -> None:
    job = settings(2, 0.2).model_copy(update={"gamma": 50.0})
    with pytest.raises(
        AssertionError, match=r"^loft: soda\.problems: gamma of clusters: found 50;"
    ):
        by_processes(tmp_path, job)
