"""Compare the accuracies that the paper prints in Table 1 with ours, and give verdicts.

At the paper's size a cell's accuracies are compared with the printed ones: the difference is
measured minus printed, and the statement is that it is within the margin. At any other size values
cannot agree. There the orderings are compared: the printed difference of LoFT-S minus a baseline
with S workers lies in a region (below, equivalent or above), and the statement is that our
difference lies in it too. `loft.core.reporting.verdicts.judging` has the rule of verdicts; the
comparisons of one row of Table 1 are a family.

The margin is the smaller of a number of points and a share of the dense column's error rate: of the
printed one at the paper's size, of ours at any other. All rows of a network on a data set have the
same margin, so that swapping two cells changes nothing.

Legend: S workers; ratio 0 is the dense column, the unpruned network after the whole schedule.
"""

import math
import re
from collections.abc import Iterator
from statistics import mean
from typing import Any, NamedTuple

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.core.reporting.verdicts.intervals import Estimate, Noise, difference, pooled
from loft.core.reporting.verdicts.judging import UNDECIDED, Comparison, Decision, decide, together
from loft.core.reporting.verdicts.regions import ordering
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import Job, final_accuracy
from loft.tickets.report.tables.tickets import make as tickets_table
from loft.tickets.report.verdicts import margins
from loft.tickets.report.verdicts.image_sampling import image_error
from loft.tickets.report.verdicts.margins import rule_of
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
PAPER_TESTED = {"ImageNet": 50_000}  # images, where the settings say "all"
COLUMNS = (
    *("model", "dataset", "method", "workers", "ratio", "against", "margin"),
    *("printed_difference", "difference", "low", "high", "low_images", "high_images"),
    *("comparisons", "p", "seeds", "needs", "verdict"),
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

    A job uses the whole training set if an epoch has as many iterations as the set
    has whole batches.
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


def noises(measured: Accuracies) -> dict[float, Noise | None]:
    """Return the deviation at each ratio, pooled over a group's cells."""
    columns: dict[float, list[list[float]]] = {}
    for (_, ratio), values in measured.items():
        columns.setdefault(ratio, []).append(values)
    return {ratio: pooled(samples) for ratio, samples in columns.items()}


def margin(jobs: list[Job], group: RowGroup, rule: VerdictSettings) -> float:
    """Return the difference in points that counts as equal in a group of rows."""
    at_size = all(paper_size(job[0]) for job in jobs)
    dense = printed(group)[DENSE] if at_size else mean(accuracies(jobs)[DENSE])
    return margins.margin(rule, dense)


class Compared(NamedTuple):
    """A comparison that Table 1 states: accuracies in percent, the difference in points."""

    cell: Cell
    ratio: float
    against: str
    claimed: float
    shown: Estimate
    both: tuple[float, float]


def comparisons(jobs: list[Job], rule: VerdictSettings, test_images: int | None) -> pd.DataFrame:
    """Return a row for each comparison with printed accuracies: differences in points, verdict.

    `low` and `high` bound our difference over seeds, on these test images; they are infinite if no
    deviation is known. `low_images` and `high_images` bound it over test images too.

    Args:
        jobs: lines of jobs.
        rule: margins and confidence.
        test_images: number of images that accuracies are measured on; None: all of the data set.
    """
    rows = []
    for group, own in row_groups(jobs).items():
        allowed = margin(own, group, rule)
        tested = test_images or PAPER_TESTED.get(group.dataset)
        families: dict[Cell, list[Compared]] = {}
        for each in _compared(own, printed(group)):
            families.setdefault(each.cell, []).append(each)
        for family in families.values():
            for row in _judged(family, allowed, rule, tested):
                rows.append({**group._asdict(), "margin": allowed, **row})
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def _compared(jobs: list[Job], paper: dict[tuple[str, float], float]) -> Iterator[Compared]:
    measured = accuracies(jobs)
    noise = noises(measured)
    absolute = all(paper_size(job[0]) for job in jobs)
    for (name, ratio), values in measured.items():
        if (name, ratio) not in paper:
            continue
        cell, own, theirs = Cell.parse(name), mean(values), paper[name, ratio]
        if absolute:
            shown = Estimate(own - theirs, (len(values),), noise[ratio])
            yield Compared(cell, ratio, PRINTED, 0.0, shown, (own, theirs))
            continue
        for method in BASELINES.get(cell.method, ()):
            base = (Cell(method, cell.workers).name, ratio)
            if base in measured and base in paper:
                claimed = round(theirs - paper[base], 2)  # as many digits as are printed
                shown = difference(values, measured[base], noise[ratio])
                both = own, mean(measured[base])
                yield Compared(cell, ratio, base[0], claimed, shown, both)


def _judged(
    family: list[Compared], allowed: float, rule: VerdictSettings, tested: int | None
) -> Iterator[dict[str, Any]]:
    """Yield the columns of each comparison of a row of Table 1."""
    stated = [Comparison(e.shown, ordering(e.claimed, allowed), allowed) for e in family]
    for each, decision in zip(family, decide(stated, rule_of(rule)), strict=True):
        low, high = each.shown.interval(rule.confidence)
        wide = (math.nan, math.nan)
        if tested is not None:
            wide = each.shown.interval(rule.confidence, image_error(*each.both, tested))
        yield {
            "method": each.cell.method,
            "workers": each.cell.workers,
            "ratio": each.ratio,
            "against": each.against,
            "printed_difference": each.claimed,
            "difference": each.shown.value,
            "low": low,
            "high": high,
            "low_images": wide[0],
            "high_images": wide[1],
            "comparisons": len(family),
            "p": decision.p,
            "seeds": decision.seeds,
            "needs": decision.needs if decision.word == UNDECIDED else None,
            "verdict": decision.text(rule_of(rule).unit),
        }


def with_verdicts(
    table: pd.DataFrame, compared: pd.DataFrame, rule: VerdictSettings
) -> pd.DataFrame:
    """Return Table 1 with a column `verdict`: on all comparisons of a row, or "not comparable".

    A row is reproduced if each of its comparisons is.
    """
    keys = ["model", "dataset", "method", "workers"]
    of_row: dict[tuple[Any, ...], list[Decision]] = {}
    for row in compared.to_dict("records"):
        needs = None if pd.isna(row["needs"]) else int(row["needs"])
        decision = Decision(row["verdict"].partition(",")[0], row["p"], row["seeds"], needs)
        of_row.setdefault(tuple(row[key] for key in keys), []).append(decision)
    found = [of_row.get(tuple(row[key] for key in keys)) for row in table.to_dict("records")]
    column = [together(own, rule_of(rule)) if own else NOT_COMPARABLE for own in found]
    return table.assign(verdict=column)
