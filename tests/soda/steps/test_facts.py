"""Test that a run's lines name it, whichever engine ran it."""

from pathlib import Path

from loft.soda.archives import read_samples
from loft.soda.run import problem_of, processes_job, simulate_job
from loft.soda.settings import SodaSettings
from loft.soda.steps.facts import facts


def test_both_engines_begin_their_lines_alike(soda: SodaSettings, folder: Path) -> None:
    prepared = read_samples(folder / "samples.npz")
    assert soda.processes is not None
    simulated = facts(simulate_job(soda, problem_of(soda, "clusters"), "0.1"), prepared)
    ran = facts(processes_job(soda, soda.processes), prepared)
    assert simulated == {
        "problem": "clusters",
        "dataset": prepared.dataset,
        "workers": 3,
        "p": 0.1,
        "seed": 0,
    }
    assert ran == {**simulated, "workers": 2}
