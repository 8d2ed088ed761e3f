"""Make the table of verdicts on what the paper says of its Figures 2 and 3 (section 4).

Ratios are judged on a logarithmic scale. What a claim compares for one model is a family, corrected
for its number.
"""

import itertools
from collections.abc import Iterator

import pandas as pd

from loft.core.reporting.verdicts.claims import Claim, Judged, repeated, rows
from loft.core.reporting.verdicts.intervals import Estimate, logs, paired, ratio
from loft.core.reporting.verdicts.judging import Rule, judge, several
from loft.core.reporting.verdicts.regions import ABOVE_ZERO, BELOW_ZERO
from loft.diversity.measurements import Jobs, by_batch, mean_ratios, of_kind

TITLE = "Claims"
CAPTION = """
What the paper says of its figures 2 and 3, as far as this run can judge it. It is reproduced where
the interval that the repetitions give lies on the stated side of 1, not reproduced where it lies on
the other, and undecided otherwise. Comparisons of one model are a family, corrected for its number
(Holm).
"""
COLUMNS = ("claim", "source", "statement", "cell", "against", "measured", "verdict", "evidence")
REPETITION = "repetition"


def make(jobs: Jobs, confidence: float) -> pd.DataFrame:
    """Return a row for each claim and model, or one that says what a claim needs."""
    rule = Rule(confidence, unit=f"{REPETITION}s")
    return pd.DataFrame(rows(CLAIMS, jobs, rule), columns=pd.Index(COLUMNS))


def gap_grows(jobs: Jobs, rule: Rule) -> Iterator[Judged]:
    """Judge the ratio of losses at each replication over that at the next smaller one."""
    means = mean_ratios(jobs)
    for model in _models(means):
        factors = sorted(r for name, mechanism, r in means if (name, mechanism) == (model, "none"))
        shown = {
            f"r = {r} over {smaller}": own
            for smaller, r in itertools.pairwise(factors)
            if (own := _compare(means, (model, "none", r), (model, "none", smaller)))
        }
        yield from _judged(shown, model, "", True, rule)


def dropconnect_lowers(jobs: Jobs, rule: Rule) -> Iterator[Judged]:
    """Judge the ratio of losses with DropConnect over that without, at each replication."""
    means = mean_ratios(jobs)
    for model in _models(means):
        shown = {
            f"r = {r}": own
            for name, mechanism, r in sorted(means)
            if (name, mechanism) == (model, "dropconnect")
            and (own := _compare(means, (model, mechanism, r), (model, "none", r)))
        }
        yield from _judged(shown, model, "without", False, rule)


def more_passes(jobs: Jobs, rule: Rule) -> Iterator[Judged]:
    """Judge the passes to the accuracy with the largest batch over those with the smallest.

    A repetition that did not reach the accuracy counts with the passes that it was given, so the
    ratio is then at least as large as printed.
    """
    grouped = by_batch(of_kind(jobs, "passes"))
    if len(grouped) > 1:
        small, large = grouped[0], grouped[-1]
        most, fewest = (
            [line["passes"] or line["most_passes"] for line in lines] for lines in (large, small)
        )
        missed = sum(line["passes"] is None for line in large)
        shown = ratio(most, fewest)
        measured = f"{shown.ratio_text(rule.confidence)} times as many passes"
        measured += f", at least: {missed} did not get there" if missed else ""
        cells = [f"{lines[0]['model']}, B = {lines[0]['batch']}" for lines in (large, small)]
        verdict = judge(shown, ABOVE_ZERO, rule)
        yield Judged(cells[0], cells[1], measured, verdict, _source("passes.csv", len(large)))


def _models(means: dict[tuple[str, str, int], dict[int, float]]) -> list[str]:
    return sorted({model for model, _, _ in means})


def _compare(
    means: dict[tuple[str, str, int], dict[int, float]],
    first: tuple[str, str, int],
    second: tuple[str, str, int],
) -> Estimate | None:
    """Return the ratio of two configurations, repetition by repetition; None if none has both."""
    both = sorted(means[first].keys() & means[second].keys())
    own, other = (logs(means[each][k] for k in both) for each in (first, second))
    return paired(own, other) if both else None


def _judged(
    shown: dict[str, Estimate], model: str, against: str, above: bool, rule: Rule
) -> Iterator[Judged]:
    if shown:
        region = ABOVE_ZERO if above else BELOW_ZERO
        text, verdict = several(shown, region, rule, show=Estimate.ratio_text)
        least = min(each.counts[0] for each in shown.values())
        yield Judged(model, against, text, verdict, _source("replication.csv", least))


def _source(table: str, repetitions: int) -> str:
    return f"{table}, ratios, {repeated(range(repetitions), REPETITION)}"


CLAIMS = [
    Claim(
        "gap_grows_with_replication",
        "section 4, Figure 3",
        "the larger the replication, the higher large batches' loss over small ones'",
        gap_grows,
        "a model with two replications or more",
    ),
    Claim(
        "dropconnect_lowers_the_gap",
        "section 4, Figure 3",
        "with DropConnect, large batches' loss over small ones' is lower than without",
        dropconnect_lowers,
        "a model with and without DropConnect",
    ),
    Claim(
        "large_batches_need_more_passes",
        "section 1, Figure 2",
        "the largest batch needs more passes to the accuracy than the smallest",
        more_passes,
        "passes with two batch sizes or more",
    ),
]
