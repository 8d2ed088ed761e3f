"""Test that real processes and the simulation compute the same w and send the same bytes."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from loft.core.processes.launch import launch
from loft.core.processes.workers import ProcessWorker
from loft.soda.master_worker import run_master, run_worker
from loft.soda.simulation import Replay, run
from tests.soda.problems import monitor, problem, team

ORDER = [0, 2, 2, 1, 0, 1, 1, 2, 0, 0] * 12  # uneven on purpose
P = 0.4


def replayed(out: Path, kind: str, p: float) -> None:
    """Run the master or one of three workers, with messages in a given order."""
    workers, of = ProcessWorker(gpu=False), problem(kind)
    group = team(of, 3, p)
    start = np.zeros(group.features)
    if workers.rank:
        run_worker(group, workers, start)
    else:
        order: Iterator[int] = iter(ORDER)
        master, heard = run_master(group, workers, monitor(of, 3, epochs=40), start, order)
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
