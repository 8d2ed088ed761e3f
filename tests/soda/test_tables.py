"""Test tables and figures of lines written by hand and of committed lines."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from loft import run as runs
from loft.core.reporting.metrics import Line, read
from loft.soda.items import FIGURES
from loft.soda.jobs import ReportJob, Shown
from loft.soda.run import report_job
from loft.soda.steps import compare
from loft.soda.steps.tables import materials, render
from tests.conftest import ROOT
from tests.project import committed, committed_lines

COMMITTED = sorted(ROOT.glob("results/*/soda/comparison.csv"))


def optimum(problem: str, dataset: str, **values: Any) -> list[Line]:
    about = {"problem": problem, "normalisation": "standardise", "lambda_1": 0.02}
    head = {"kind": "job", "step": "optimum", "dataset": dataset, **about, "lambda_2": 1e-3}
    found = {"samples": 2000, "features": 500, "support": 35, "kkt_residual": 1e-17}
    return [head, {"kind": "optimum", **found, **values}]


def repetition(number: int, outcome: str, sent: int, **values: Any) -> Line:
    end = {
        "outcome": outcome,
        "epoch": 10.0 * (number + 1),
        "time": 1.0,
        "suboptimality": 1e-13,
        "entries_up": sent,
        "entries_down": 10,
        "bytes_up": 12 * sent,
        "bytes_down": 120,
        "bytes_indices": 4 * sent,
        "stopping_times": 5,
        "accuracy": 80.0,
        "restarts": 0,
        "identified_epoch": 5.0 if outcome == "converged" else None,
        "contraction": 0.5 if outcome == "converged" else None,
    }
    return {"kind": "run", "repetition": number, **end, **values}


def simulate(problem: str, p: float, *lines: Line) -> list[Line]:
    head = {"kind": "job", "step": "simulate", "problem": problem, "p": p, "dataset": "madelon"}
    head |= {"workers": 20, "repetitions": len(lines), "curves": 0}
    return [head, {"kind": "theory", "gamma": 0.5, "alpha": 0.4}, *lines]


JOBS = [
    optimum("madelon", "madelon"),
    optimum("news20", "news20", samples=10, features=40, support=4),
    simulate("madelon", 0.1, repetition(0, "converged", 90), repetition(1, "epochs", 190)),
    simulate("madelon", 1.0, repetition(0, "converged", 990), repetition(1, "converged", 990)),
]


SHOWN = ReportJob(
    problems=[
        Shown(problem="madelon", stands_for=None, figures=[2]),
        Shown(problem="news20", stands_for="rcv1_train", figures=[]),
    ]
)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_table_1_has_the_papers_column_and_names_what_was_not_run() -> None:
    head = (
        "problem,dataset,samples,features,lambda_1,lambda_2,normalisation,support,support_percent"
    )
    text = render(SHOWN, JOBS)["table1.csv"]
    assert text.splitlines() == [
        f"{head},paper_support_percent",
        "madelon,madelon,2000,500,0.02,0.001,standardise,35,7,7",
        "news20,news20 (stand-in for rcv1_train),10,40,0.02,0.001,standardise,4,10,",
        ",real-sim,72309,20958,0.0001,0.001,not run,not run,not run,8.6",
        ",rcv1_train,20242,47236,0.0001,0.001,not run,not run,not run,4.1",
    ]


def test_the_papers_value_stands_beside_its_own_lambdas_alone() -> None:
    job = optimum("madelon", "madelon")
    job[0]["lambda_1"] = 0.01
    ours = render(SHOWN, [job, *JOBS[1:]])["table1.csv"].splitlines()[1]
    assert ours == "madelon,madelon,2000,500,0.01,0.001,standardise,35,7,"


def test_a_failure_is_paid_for_by_those_that_succeed() -> None:
    """One of two runs fails: a success costs 200 entries of a failure and 100 of its own."""
    dave_pg, masked = rows(render(SHOWN, JOBS)["exchanges.csv"])
    assert (dave_pg["p"], dave_pg["failures"], dave_pg["entries"]) == ("1", "0", "1000")
    assert (masked["p"], masked["failures"], masked["entries"]) == ("0.1", "1", "100")
    assert (masked["expected_entries"], masked["entries_to_dave_pg"]) == ("300", "0.1")


def test_the_theorem_is_judged_by_the_slowest() -> None:
    slow = repetition(1, "converged", 90, contraction=0.7)
    jobs = [*JOBS[:2], simulate("madelon", 0.1, repetition(0, "converged", 90), slow), JOBS[3]]
    dave_pg, masked = rows(render(SHOWN, jobs)["theorem.csv"])
    assert (dave_pg["bound"], dave_pg["holds"], dave_pg["rate_to_dave_pg"]) == ("0.6", "True", "1")
    assert (masked["largest_contraction"], masked["holds"]) == ("0.7", "False")


def test_tables_do_not_depend_on_the_order_of_jobs() -> None:
    assert render(SHOWN, JOBS[::-1]) == render(SHOWN, JOBS)


@pytest.mark.parametrize("jobs", [JOBS, [*JOBS[:2], simulate("madelon", 1.0)]], ids=["all", "none"])
def test_figures_are_drawn_whatever_was_run(tmp_path: Path, jobs: list[list[Line]]) -> None:
    for figure in FIGURES:
        path = tmp_path / f"{figure.name}.svg"
        materials(SHOWN, jobs).call(figure, "draw", [path])
        text = path.read_text(encoding="utf-8")
        assert ("not run" in text) == (figure.name != "figure2")


@pytest.mark.parametrize("made", COMMITTED, ids=lambda path: path.parts[-3])
def test_committed_tables_are_made_from_committed_lines(made: Path) -> None:
    folder = made.parent
    soda = runs.read(ROOT / "params" / f"{folder.parent.name}.yaml").soda
    metrics = committed_lines(folder)
    for name, text in render(report_job(soda), [read(path) for path in metrics]).items():
        assert committed(folder / name).read_text(encoding="utf-8") == text, name
    lofts = None if soda.tickets_table is None else ROOT / soda.tickets_table
    for name, text in compare.render(report_job(soda), metrics, lofts).items():
        assert (folder / name).read_text(encoding="utf-8") == text, name
