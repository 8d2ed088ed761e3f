"""Make the table of all statements: conditions, promise and measured value."""

from collections.abc import Callable

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.core.reporting.verdicts.intervals import amount
from loft.diversity.measurements import Jobs, Row, of_kind

TITLE = "Statements"
CAPTION = """
The paper's statements with their conditions, what they promise and what was measured: a mean over
repetitions with its interval on a logarithmic scale.
"""


def make(jobs: Jobs, confidence: float) -> pd.DataFrame:
    """Return every statement with its conditions, its promise and the measured value."""
    rows = [
        *map(_convergence(confidence), of_kind(jobs, "convergence")),
        *map(_bound, of_kind(jobs, "bound")),
        *map(_mechanism, of_kind(jobs, "mechanism")),
    ]
    return pd.DataFrame(rows)


def _convergence(confidence: float) -> Callable[[Line], Row]:
    def row(line: Line) -> Row:
        mean, low, high = amount(line["attained"], confidence)
        met = line["batch"] <= line["largest_batch"] and line["inside"]
        promised = line["promised"]
        about = {"statement": f"theorem: {line['theorem']}", "case": f"delta {line['delta']:g}"}
        about["condition"] = (
            f"B = {line['batch']}, T = {line['updates']}"
            + ("" if promised is not None else ", beyond delta B_D + 1")
            + ("" if met else ", a condition not met")
        )
        verdict = "nothing promised" if promised is None or not met else _holds(high <= promised)
        return {**about, "promised": promised, "measured": mean, "low": low, "high": high} | {
            "finding": verdict
        }

    return row


def _bound(line: Line) -> Row:
    return {
        "statement": f"bound: {line['case']}",
        "case": f"definition {line['definition']}",
        "condition": f"least of {line['weights']} weights",
        "promised": line["bound"],
        "measured": line["least"],
        "finding": _holds(line["least"] >= line["bound"] * (1 - 1e-6)),
    }


def _mechanism(line: Line) -> Row:
    below = line["bound"] <= line["samples"]
    raised = line["expected"] >= line["bound"] * (1 - 1e-6)
    verdict = (
        f"raises, drawn {line['drawn']:.4g}" if raised else f"lowers, drawn {line['drawn']:.4g}"
    )
    return {
        "statement": f"mechanism: {line['mechanism']}",
        "case": f"definition {line['definition']}, {line['weights']}",
        "condition": "B <= n" if below else "B > n, the reversal",
        "promised": line["bound"],
        "measured": line["expected"],
        "finding": f"{verdict}; {_holds(raised == below)}",
    }


def _holds(held: bool) -> str:
    return "holds" if held else "DOES NOT HOLD"
