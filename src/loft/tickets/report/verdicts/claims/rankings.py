"""Judge claims on the stability of filter rankings: Figures 1 and 4 (sections 3.2 and 6).

Legend: E the last epoch; d_e the filter distance from epoch e to epoch E, mean over convolutions.
"""

from collections.abc import Iterator
from statistics import mean

from loft.core.reporting.verdicts.claims import NOT_CLAIMED, Claim, Judged, repeated
from loft.core.reporting.verdicts.intervals import average, difference, logs, pooled
from loft.core.reporting.verdicts.judging import (
    REPRODUCED,
    Comparison,
    decide,
    judge,
    together,
)
from loft.core.reporting.verdicts.regions import BELOW_ZERO
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.verdicts.margins import rule_of
from loft.tickets.report.verdicts.measurements import Measurements
from loft.tickets.results.cells import UNPRUNED

FASTER_ON = "ImageNet"  # the only data set of which the paper says that distances fall faster


def distance_falls(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge d_{e+1} - d_e for every e up to E - 2.

    The last step, to d_E = 0, cannot rise and says nothing.
    """
    distances = found.pretraining_distances()
    for cell in (cell.name for cell in found.cells("loft") if cell.name in distances):
        shown = {}
        for epoch in range(len(distances[cell][0]) - 2):
            steps = {
                name: [of_seed[epoch + 1] - of_seed[epoch] for of_seed in seeds]
                for name, seeds in distances.items()
            }
            shown[f"epoch {epoch} to {epoch + 1}"] = average(steps[cell], pooled(steps.values()))
        if not shown:
            continue
        judged = decide([Comparison(each, BELOW_ZERO) for each in shown.values()], rule_of(rule))
        weakest = max(shown, key=lambda step: shown[step].value)
        measured = (
            f"{sum(each.value < 0 for each in shown.values())} of {len(shown)} steps fall, "
            f"{sum(each.word == REPRODUCED for each in judged)} of them beyond doubt; "
            f"weakest, {weakest}: {shown[weakest].text(rule.confidence)}"
        )
        source = f"distances.csv, {repeated(distances[cell])}"
        yield Judged(cell, "", measured, together(judged, rule_of(rule)), source)


def distance_falls_faster(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge the mean over epochs 1..E-1 of d_e / d_0: LoFT's over GPipe's, on a log scale.

    The paper says it of ImageNet alone; on other data the row has what was measured.
    """
    left = {
        cell: logs(mean(of_seed[1:-1]) / of_seed[0] for of_seed in seeds)
        for cell, seeds in found.pretraining_distances().items()
        if len(seeds[0]) > 2 and all(of_seed[0] and any(of_seed[1:-1]) for of_seed in seeds)
    }
    noise = pooled(left.values())
    for cell, against in found.pairs("loft", "gpipe"):
        if cell in left and against in left:
            shown = difference(left[cell], left[against], noise)
            measured = f"{shown.ratio_text(rule.confidence)} of what GPipe has left"
            source = f"distances.csv, {repeated(left[cell])}"
            verdict = judge(shown, BELOW_ZERO, rule_of(rule))
            if found.dataset != FASTER_ON:
                verdict, source = NOT_CLAIMED, f"{source}; the paper says it of {FASTER_ON}"
            yield Judged(cell, against, measured, verdict, source)


def ranking_stable_early(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge d_h / d_0 - (1 - h / E), in percent, at h = E // 2 of the dense column's training."""
    distances = found.distances.get(UNPRUNED, [])
    if distances and all(of_seed[0] for of_seed in distances):
        last = len(distances[0]) - 1
        half = last // 2
        even = 100 * (1 - half / last)
        above = [100 * of_seed[half] / of_seed[0] - even for of_seed in distances]
        shown = average(above, pooled([above]))
        text = shown.text(rule.confidence)
        measured = f"{text} points from {even:.1f} % left after {half} of {last} epochs"
        verdict = judge(shown, BELOW_ZERO, rule_of(rule))
        yield Judged(UNPRUNED, "", measured, verdict, f"distances.csv, {repeated(distances)}")


CLAIMS = [
    Claim(
        "distance_falls",
        "section 6, Figure 4",
        "LoFT's filter distance to the last epoch falls in every epoch before the last",
        distance_falls,
        "cells of LoFT, pretrained for 2 epochs or more",
    ),
    Claim(
        "distance_falls_faster",
        "section 6, Figure 4 (ImageNet)",
        "LoFT has less of the untrained network's distance left than GPipe, averaged over epochs",
        distance_falls_faster,
        "LoFT and GPipe with as many workers, 2 epochs or more, rankings that changed",
    ),
    Claim(
        "ranking_stable_early",
        "section 3.2, Figure 1",
        "half way through training, less of the distance is left than after a fall at even pace",
        ranking_stable_early,
        "a dense column whose rankings changed",
    ),
]
