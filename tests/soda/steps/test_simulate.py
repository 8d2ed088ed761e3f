"""Test the lines of the step `loft soda-simulate`."""

from pathlib import Path

from loft.core.reporting.metrics import Line, read
from loft.soda.run import problem_of, simulate_job
from loft.soda.settings import SodaSettings
from loft.soda.steps import simulate


def simulated(folder: Path, soda: SodaSettings, p: str) -> list[Line]:
    job = simulate_job(soda, problem_of(soda, "clusters"), p).model_copy(update={"epochs": 30})
    out = folder / f"p{p}.jsonl"
    simulate.run(job, folder / "samples.npz", folder / "optimum.npz", out)
    return read(out)


def test_every_repetition_has_a_line_and_the_first_its_curves(
    folder: Path, soda: SodaSettings
) -> None:
    lines = simulated(folder, soda, "1")
    runs = [line for line in lines if line["kind"] == "run"]
    assert [line["repetition"] for line in runs] == [0, 1]
    assert runs[0]["epoch"] == 30
    (curves,) = [line for line in lines if line["kind"] == "curves"]
    assert curves["repetition"] == 0
    assert len(curves["time"]) <= soda.curve_points


def test_curves_are_kept_only_where_they_are_asked_for(folder: Path, soda: SodaSettings) -> None:
    kinds = [line["kind"] for line in simulated(folder, soda, "0.1")]
    assert "curves" not in kinds
    assert kinds.count("run") == 2
