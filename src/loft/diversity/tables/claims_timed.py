"""Make the table of verdicts on what the paper says of DropConnect's time (section 4).

They follow from seconds that were measured on one machine, so they differ in every run.
"""

from collections.abc import Iterator
from statistics import mean

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.core.reporting.verdicts.claims import NOT_JUDGED, Claim, Judged, repeated, rows
from loft.core.reporting.verdicts.intervals import exact, ratio
from loft.core.reporting.verdicts.judging import Rule, judge
from loft.core.reporting.verdicts.regions import ABOVE_ZERO
from loft.diversity.measurements import Jobs, by_batch, of_kind
from loft.diversity.tables.claims import COLUMNS, REPETITION

TITLE = "Claims on time"
CAPTION = """
What the paper says of the time that DropConnect saves with two workers, and of the batch that is
then fastest, each with the batch size of least mean seconds among those that always reached the
accuracy.
"""
PRINTED = {0.4: 31, 0.5: 25}  # drop probability -> printed speed-up gain in percent


def make(jobs: Jobs, confidence: float) -> pd.DataFrame:
    """Return a row for each claim and drop probability, or one that says what a claim needs."""
    rule = Rule(confidence, unit=f"{REPETITION}s")
    return pd.DataFrame(rows(CLAIMS, jobs, rule), columns=pd.Index(COLUMNS))


def saves_time(jobs: Jobs, rule: Rule) -> Iterator[Judged]:
    """Judge the seconds without DropConnect over those with it, each at its fastest batch size."""
    for drop, own, plain in _pairs(jobs):
        printed = f", {PRINTED[drop]} % printed" if drop in PRINTED else ""
        if not own or not plain:
            yield _unreached(drop, printed)
            continue
        theirs, ours = ([line["train_seconds"] for line in lines] for lines in (plain, own))
        shown = ratio(theirs, ours)
        measured = f"{shown.ratio_text(rule.confidence)} times as fast{printed}"
        source = f"dropconnect.csv, {repeated(own, REPETITION)}"
        yield Judged(_cell(drop), _cell(0), measured, judge(shown, ABOVE_ZERO, rule), source)


def larger_batch(jobs: Jobs, rule: Rule) -> Iterator[Judged]:
    """Judge if the fastest batch is larger with DropConnect than without; the means decide."""
    for drop, own, plain in _pairs(jobs):
        if not own or not plain:
            yield _unreached(drop, "")
            continue
        batch, without = own[0]["batch"], plain[0]["batch"]
        verdict = judge(exact(batch - without), ABOVE_ZERO, rule)
        measured = f"{batch} against {without}; 512 against 256 printed"
        yield Judged(
            _cell(drop), _cell(0), measured, verdict, "dropconnect.csv, mean seconds alone"
        )


def _pairs(jobs: Jobs) -> Iterator[tuple[float, list[Line], list[Line]]]:
    """Yield each drop probability, its fastest batch's lines and those of no DropConnect."""
    fastest: dict[float, list[Line]] = {}
    for lines in by_batch(of_kind(jobs, "ending"), "drop"):
        best = fastest.setdefault(lines[0]["drop"], [])
        reached = all(line["passes"] is not None for line in lines)
        if reached and (not best or _seconds(lines) < _seconds(best)):
            fastest[lines[0]["drop"]] = lines
    for drop, lines in fastest.items():
        if drop and 0.0 in fastest:
            yield drop, lines, fastest[0.0]


def _seconds(lines: list[Line]) -> float:
    return mean(float(line["train_seconds"]) for line in lines)


def _cell(drop: float) -> str:
    return f"DropConnect {drop:g}" if drop else "without"


def _unreached(drop: float, printed: str) -> Judged:
    measured = f"the accuracy was not reached{printed}"
    return Judged(_cell(drop), _cell(0), measured, NOT_JUDGED, "dropconnect.csv")


CLAIMS = [
    Claim(
        "dropconnect_saves_time",
        "section 4",
        "two workers reach the accuracy in less time with DropConnect than without",
        saves_time,
        "trainings to an accuracy in two processes, with and without DropConnect",
    ),
    Claim(
        "dropconnect_allows_larger_batches",
        "section 4",
        "the fastest batch is larger with DropConnect than without",
        larger_batch,
        "trainings to an accuracy in two processes, with and without DropConnect",
    ),
]
