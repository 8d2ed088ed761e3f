"""Compare the accuracies that the paper prints in Table 1 with ours, and give verdicts.

At the paper's size a cell's accuracies are compared with the printed ones: the difference is
measured minus printed, and the statement is that it is within the margin. At any other size values
cannot agree. There the orderings are compared: the printed difference of LoFT-S minus a baseline
with S workers lies in a region (below, equivalent or above), and the statement is that our
difference lies in it too. `judging` has the rule of verdicts.

Legend: S workers; ratio 0 is the dense column, the unpruned network after the whole schedule.
"""

import math
import re
from collections.abc import Iterator
from statistics import mean
from typing import Any, NamedTuple

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import Job, final_accuracy, percent
from loft.tickets.report.tables.tickets import make as tickets_table
from loft.tickets.report.verdicts import judging
from loft.tickets.results.cells import UNPRUNED, Cell
from loft.tickets.results.printed import PAPER_METHODS, PAPER_WIDTH, paper_rows

PAPER_PRETRAINING, PAPER_FINETUNING = 20, 90  # epochs (section 6)
PAPER_IMAGES = {  # training images, pixels a side
    "CIFAR-10": (50_000, 32),
    "CIFAR-100": (50_000, 32),
    "ImageNet": (1_281_167, 224),
}
DENSE = ("dense", 0.0)
BASELINES = {"loft": ("gpipe", "local_sgd")}
PRINTED = "printed"
NOT_COMPARABLE = "not comparable"
COLUMNS = (
    *("model", "dataset", "method", "workers", "ratio", "against"),
    *("printed_difference", "difference", "low", "high", "verdict"),
)

Accuracies = dict[tuple[str, float], list[float]]  # (cell, ratio) -> percent, a value a seed


class RowGroup(NamedTuple):
    """A network on a data set: a group of rows of Table 1."""

    model: str
    dataset: str


def row_groups(jobs: list[Job]) -> dict[RowGroup, list[Job]]:
    """Return the pretraining and fine-tuning jobs of each group of rows."""
    found: dict[RowGroup, list[Job]] = {}
    for job in jobs:
        if job[0]["step"] in ("pretrain", "finetune"):
            group = RowGroup(job[0]["model"]["name"], job[0]["dataset"])
            found.setdefault(group, []).append(job)
    return found


def paper_size(about: Line) -> bool:
    """Return whether a job has the paper's width, data and epochs, from its first line.

    A job uses the whole training set if an epoch has as many iterations as whole batches.
    """
    images, side = PAPER_IMAGES.get(about["dataset"], (0, 0))
    if about["model"]["width"] != PAPER_WIDTH or not images:
        return False
    if about["step"] == "finetune":
        return bool(about["epochs"] == PAPER_FINETUNING)
    whole = about["iterations_per_epoch"] == images // about["batch_size"]
    dense_column = PAPER_FINETUNING if about["cell"] == UNPRUNED else 0
    epochs = PAPER_PRETRAINING + dense_column
    return bool(whole and about["size"] == side and about["epochs"] == epochs)


def accuracies(jobs: list[Job]) -> Accuracies:
    """Return the accuracies of one group of rows; every list is in order of seeds."""
    tickets = tickets_table(jobs)
    last = tickets[tickets["snapshot"] == tickets["snapshot"].max()]
    found: Accuracies = {DENSE: [final_accuracy(job) for job in jobs if job[0]["cell"] == UNPRUNED]}
    for cell, ratio, accuracy in zip(
        last["cell"], last["ratio"], last["test_accuracy"], strict=True
    ):
        found.setdefault((cell, ratio), []).append(accuracy)
    return found


def printed(group: RowGroup) -> dict[tuple[str, float], float]:
    """Return the paper's printed values of a group: (cell, ratio) -> accuracy in percent."""
    methods = {name: method for method, name in PAPER_METHODS.items()}
    found = {}
    for row in paper_rows(*group).to_dict("records"):
        found[DENSE] = float(row["dense_accuracy_percent"])
        cell = Cell(methods[row["method"]], int(row["workers"])).name
        for column, value in row.items():
            ratio = re.fullmatch(r"accuracy_(\d+)_percent", str(column))
            if ratio and not math.isnan(value):
                found[cell, int(ratio[1]) / 100] = float(value)
    return found


def noises(measured: Accuracies) -> dict[float, judging.Noise | None]:
    """Return the deviation at each ratio, pooled over a group's cells."""
    columns: dict[float, list[list[float]]] = {}
    for (_, ratio), values in measured.items():
        columns.setdefault(ratio, []).append(values)
    return {ratio: judging.pooled(samples) for ratio, samples in columns.items()}


def comparisons(jobs: list[Job], rule: VerdictSettings) -> pd.DataFrame:
    """Return a row for each comparison with printed accuracies: differences in points, verdict.

    `low` and `high` bound our difference; they are infinite if no deviation is known.
    """
    rows = [
        {**group._asdict(), **row}
        for group, own in row_groups(jobs).items()
        for row in _block(own, printed(group), rule)
    ]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def _block(
    jobs: list[Job], paper: dict[tuple[str, float], float], rule: VerdictSettings
) -> Iterator[dict[str, Any]]:
    measured = accuracies(jobs)
    noise = noises(measured)
    absolute = all(paper_size(job[0]) for job in jobs)
    for (name, ratio), values in measured.items():
        if (name, ratio) not in paper:
            continue
        cell = Cell.parse(name)
        row = {"method": cell.method, "workers": cell.workers, "ratio": ratio}
        if absolute:
            value = mean(values) - paper[name, ratio]
            shown = judging.estimate(value, [len(values)], noise[ratio], rule.confidence)
            yield {**row, **_judged(PRINTED, 0.0, shown, rule)}
            continue
        for method in BASELINES.get(cell.method, ()):
            base = (Cell(method, cell.workers).name, ratio)
            if base in measured and base in paper:
                claimed = round(paper[name, ratio] - paper[base], 2)  # as many as are printed
                shown = judging.difference(values, measured[base], noise[ratio], rule.confidence)
                yield {**row, **_judged(base[0], claimed, shown, rule)}


def _judged(
    against: str, claimed: float, shown: judging.Estimate, rule: VerdictSettings
) -> dict[str, Any]:
    return {
        "against": against,
        "printed_difference": claimed,
        "difference": shown.value,
        "low": shown.low,
        "high": shown.high,
        "verdict": judging.judge(shown, judging.ordering(claimed, rule.margin)),
    }


def with_verdicts(table: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    """Return Table 1 with a column `verdict`: on all comparisons of a row, or "not comparable".

    A row is reproduced if each of its comparisons is.
    """
    keys = ["model", "dataset", "method", "workers"]
    of_row: dict[tuple[Any, ...], list[str]] = {}
    for row in compared.to_dict("records"):
        of_row.setdefault(tuple(row[key] for key in keys), []).append(row["verdict"])
    found = [of_row.get(tuple(row[key] for key in keys)) for row in table.to_dict("records")]
    column = [judging.worst(own) if own else NOT_COMPARABLE for own in found]
    return table.assign(verdict=column)


def power(jobs: list[Job], rule: VerdictSettings) -> str:
    """Return a sentence, for below Table 1, on the differences that the seeds can detect."""
    parts = []
    for group, own in row_groups(jobs).items():
        measured = accuracies(own)
        noise = noises(measured)
        smallest = []
        for ratio in sorted((ratio for ratio in noise if ratio), reverse=True):
            seeds = min(len(values) for key, values in measured.items() if key[1] == ratio)
            points = judging.detectable([seeds, seeds], noise[ratio], rule)
            if math.isfinite(points):
                smallest.append(f"{points:.2f} points at {percent(ratio)} % pruned")
        found = ", ".join(smallest) or "none, for want of a deviation over seeds"
        parts.append(f"{group.model} on {group.dataset}: {found}")
    return (
        f"Verdicts: margin {rule.margin:g} points, confidence {rule.confidence:g}. Smallest "
        f"detectable difference between two cells (power {judging.POWER:g}): "
        f"{'; '.join(parts)}."
    )
