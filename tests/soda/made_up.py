"""Lines of this study written by hand."""

import csv
import io
from typing import Any, Literal

from loft.core.reporting.metrics import Line
from loft.soda.jobs import ReportJob, Shown


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


def curves(number: int, support: list[int]) -> Line:
    """The curves of a repetition with a checkpoint for each number of non-zero entries."""
    at = [float(place + 1) for place in range(len(support))]
    about: Line = {"kind": "curves", "repetition": number, "epoch": at, "support": support}
    return {**about, "time": [10 * epoch for epoch in at], "suboptimality": [1 / e for e in at]}


def drawn(*figures: Literal[1, 2, 3]) -> ReportJob:
    """The settings by which the problem `madelon` is in some figures."""
    return ReportJob(problems=[Shown(problem="madelon", stands_for=None, figures=[*figures])])
