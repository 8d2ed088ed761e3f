"""Judge claims on the stability of filter rankings: Figures 1 and 4 (sections 3.2 and 6).

Legend: E the last epoch; d_e the filter distance from epoch e to epoch E, mean over convolutions.
"""

from collections.abc import Iterator
from statistics import mean

from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.verdicts import judging
from loft.tickets.report.verdicts.claims.claim import BELOW_ZERO, Claim, Judged, seeds
from loft.tickets.report.verdicts.measurements import Measurements
from loft.tickets.results.cells import UNPRUNED


def distance_falls(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge d_{e+1} - d_e for every e."""
    distances = found.pretraining_distances()
    for cell in (cell.name for cell in found.cells("loft") if cell.name in distances):
        shown = {}
        for epoch in range(len(distances[cell][0]) - 1):
            steps = {
                name: [of_seed[epoch + 1] - of_seed[epoch] for of_seed in seeds]
                for name, seeds in distances.items()
            }
            own, noise = steps[cell], judging.pooled(steps.values())
            shown[f"epoch {epoch} to {epoch + 1}"] = judging.estimate(
                mean(own), [len(own)], noise, rule.confidence
            )
        judged = [judging.judge(each, BELOW_ZERO) for each in shown.values()]
        weakest = max(shown, key=lambda step: shown[step].value)
        measured = (
            f"{sum(each.value < 0 for each in shown.values())} of {len(shown)} steps fall, "
            f"{judged.count(judging.REPRODUCED)} of them beyond doubt; "
            f"weakest, {weakest}: {shown[weakest]}"
        )
        source = f"distances.csv, {seeds(distances[cell])}"
        yield Judged(cell, "", measured, judging.worst(judged), source)


def distance_falls_faster(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge the mean over epochs 1..E-1 of d_e / d_0, in percent: LoFT's minus GPipe's."""
    left = {
        cell: [100 * mean(of_seed[1:-1]) / of_seed[0] for of_seed in seeds]
        for cell, seeds in found.pretraining_distances().items()
        if len(seeds[0]) > 2 and all(of_seed[0] for of_seed in seeds)
    }
    noise = judging.pooled(left.values())
    for cell, against in found.pairs("loft", "gpipe"):
        if cell in left and against in left:
            shown = judging.difference(left[cell], left[against], noise, rule.confidence)
            measured = f"{shown} points from GPipe's {mean(left[against]):.1f} %"
            source = f"distances.csv, {seeds(left[cell])}"
            yield Judged(cell, against, measured, judging.judge(shown, BELOW_ZERO), source)


def ranking_stable_early(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge d_h / d_0 - (1 - h / E), in percent, at h = E // 2 of the dense column's training."""
    distances = found.distances.get(UNPRUNED, [])
    if distances and all(of_seed[0] for of_seed in distances):
        last = len(distances[0]) - 1
        half = last // 2
        even = 100 * (1 - half / last)
        above = [100 * of_seed[half] / of_seed[0] - even for of_seed in distances]
        noise = judging.pooled([above])
        shown = judging.estimate(mean(above), [len(above)], noise, rule.confidence)
        measured = f"{shown} points from {even:.1f} % left after {half} of {last} epochs"
        verdict = judging.judge(shown, BELOW_ZERO)
        yield Judged(UNPRUNED, "", measured, verdict, f"distances.csv, {seeds(distances)}")


CLAIMS = [
    Claim(
        "distance_falls",
        "section 6, Figure 4",
        "LoFT's filter distance to the last epoch falls in every epoch",
        distance_falls,
        "cells of LoFT",
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
