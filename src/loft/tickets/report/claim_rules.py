"""How each of the paper's statements beside Table 1 is judged (sections 3 and 6).

Every statement puts a difference in a region, and `verdicts` says whether the seeds at hand show
that. The regions follow the statement's word, whatever was measured: "better", "faster" and "less"
are beyond zero, "comparable or better" is above minus the margin, "as good as" within it. Where a
statement is about several ratios, snapshots or epochs, it holds if it does for each of them. Bytes
and parameters are counted, so their interval is a point.

Legend: E the last epoch; d_e the filter distance from epoch e to epoch E, mean over convolutions.
"""

import math
from collections.abc import Iterable, Iterator
from statistics import mean
from typing import Any, NamedTuple

import pandas as pd

from loft.tickets.report import tables, verdicts
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.measurements import Evidence
from loft.tickets.report.verdicts import Estimate, Region
from loft.tickets.results.cells import UNPRUNED, Cell

ABOVE_ZERO, BELOW_ZERO = Region(0, math.inf), Region(-math.inf, 0)
HELD = 12  # bytes a parameter: of its value, its gradient and its momentum, each float32


class Finding(NamedTuple):
    """What a run says of a statement: about which cell, against which, how judged, from what."""

    cell: str
    against: str
    measured: str
    verdict: str
    evidence: str


def _several(shown: dict[str, Estimate], region: Region) -> tuple[str, str]:
    """Return how several measurements print, and the verdict on all of them together."""
    text = "; ".join(f"{label}: {each}" for label, each in shown.items())
    return text, verdicts.worst(verdicts.judge(each, region) for each in shown.values())


def _seeds(values: list[Any]) -> str:
    return "1 seed" if len(values) == 1 else f"{len(values)} seeds"


def _tickets(
    evidence: Evidence,
    rule: VerdictSettings,
    cells: tuple[str, str],
    places: Iterable[tuple[int, float]],
    region: Region,
) -> Iterator[Finding]:
    """Compare the first cell's tickets with the second's at these snapshots and ratios."""
    (cell, against), shown, values = cells, {}, []
    for at in places:
        samples = {key[0]: own for key, own in evidence.tickets.items() if key[1:] == at}
        if against in samples:
            values, noise = samples[cell], verdicts.pooled(samples.values())
            label = f"{tables.percent(at[1])} % after {at[0]} epochs"
            shown[label] = verdicts.difference(values, samples[against], noise, rule.confidence)
    if shown:
        source = f"tickets.csv, points of accuracy, {_seeds(values)}"
        yield Finding(cell, against, *_several(shown, region), source)


def comparable_tickets(evidence: Evidence, rule: VerdictSettings) -> Iterator[Finding]:
    """Judge whether LoFT's last tickets are less than the margin below the baselines'."""
    region = Region(-rule.margin, math.inf)
    for cells in evidence.pairs("loft", "gpipe", "local_sgd"):
        yield from _tickets(evidence, rule, cells, evidence.last_tickets(cells[0]), region)


def better_at_every_length(evidence: Evidence, rule: VerdictSettings) -> Iterator[Finding]:
    """Judge LoFT's tickets of every snapshot against those of the GPipe cell of Figure 5.

    That is the one with most tickets: the number of stages does not change GPipe's weights. The
    ratios are those of the earliest snapshot.
    """
    baselines = [cell.name for cell in evidence.cells("gpipe")]
    baseline = max(baselines, key=lambda name: len(evidence.places(name)), default="")
    for cell in evidence.cells("loft"):
        both = sorted({*evidence.places(cell.name)} & {*evidence.places(baseline)})
        ratios = [ratio for snapshot, ratio in both if snapshot == both[0][0]]
        places = [place for place in both if place[1] in ratios]
        if len(places) > len(ratios):
            yield from _tickets(evidence, rule, (cell.name, baseline), places, ABOVE_ZERO)


def four_as_good_as_two(evidence: Evidence, rule: VerdictSettings) -> Iterator[Finding]:
    """Judge whether the last tickets of 4 workers are within the margin of those of 2."""
    region = Region(-rule.margin, rule.margin)
    for four in evidence.cells("loft", "local_sgd"):
        two = Cell(four.method, 2)
        if four.workers == 4 and two in evidence.cells(four.method):
            last = evidence.last_tickets(four.name)
            yield from _tickets(evidence, rule, (four.name, two.name), last, region)


def distance_falls(evidence: Evidence, rule: VerdictSettings) -> Iterator[Finding]:
    """Judge d_{e+1} - d_e for every e."""
    distances = evidence.pretraining_distances()
    for cell in (cell.name for cell in evidence.cells("loft") if cell.name in distances):
        shown = {}
        for epoch in range(len(distances[cell][0]) - 1):
            steps = {
                name: [of_seed[epoch + 1] - of_seed[epoch] for of_seed in seeds]
                for name, seeds in distances.items()
            }
            own, noise = steps[cell], verdicts.pooled(steps.values())
            shown[f"epoch {epoch} to {epoch + 1}"] = verdicts.estimate(
                mean(own), [len(own)], noise, rule.confidence
            )
        judged = [verdicts.judge(each, BELOW_ZERO) for each in shown.values()]
        weakest = max(shown, key=lambda step: shown[step].value)
        measured = (
            f"{sum(each.value < 0 for each in shown.values())} of {len(shown)} steps fall, "
            f"{judged.count(verdicts.REPRODUCED)} of them beyond doubt; "
            f"weakest, {weakest}: {shown[weakest]}"
        )
        source = f"distances.csv, {_seeds(distances[cell])}"
        yield Finding(cell, "", measured, verdicts.worst(judged), source)


def distance_falls_faster(evidence: Evidence, rule: VerdictSettings) -> Iterator[Finding]:
    """Judge the mean over epochs 1..E-1 of d_e / d_0, in percent, LoFT's less GPipe's."""
    left = {
        cell: [100 * mean(of_seed[1:-1]) / of_seed[0] for of_seed in seeds]
        for cell, seeds in evidence.pretraining_distances().items()
        if len(seeds[0]) > 2 and all(of_seed[0] for of_seed in seeds)
    }
    noise = verdicts.pooled(left.values())
    for cell, against in evidence.pairs("loft", "gpipe"):
        if cell in left and against in left:
            shown = verdicts.difference(left[cell], left[against], noise, rule.confidence)
            measured = f"{shown} points from GPipe's {mean(left[against]):.1f} %"
            source = f"distances.csv, {_seeds(left[cell])}"
            yield Finding(cell, against, measured, verdicts.judge(shown, BELOW_ZERO), source)


def ranking_stable_early(evidence: Evidence, rule: VerdictSettings) -> Iterator[Finding]:
    """Judge d_h / d_0 - (1 - h / E), in percent, at h = E // 2 of the dense column's training."""
    distances = evidence.distances.get(UNPRUNED, [])
    if distances and all(of_seed[0] for of_seed in distances):
        last = len(distances[0]) - 1
        half = last // 2
        even = 100 * (1 - half / last)
        above = [100 * of_seed[half] / of_seed[0] - even for of_seed in distances]
        noise = verdicts.pooled([above])
        shown = verdicts.estimate(mean(above), [len(above)], noise, rule.confidence)
        measured = f"{shown} points from {even:.1f} % left after {half} of {last} epochs"
        verdict = verdicts.judge(shown, BELOW_ZERO)
        yield Finding(UNPRUNED, "", measured, verdict, f"distances.csv, {_seeds(distances)}")


def bytes_saved(evidence: Evidence, baseline: str) -> Iterator[Finding]:
    """Judge the ratio of counted bytes; the paper's convention and printed ratio stand beside."""
    for cell, against in evidence.pairs("loft", baseline):
        own, other = evidence.costs[cell], evidence.costs[against]
        if not own["comm_gigabytes"]:  # one worker alone sends nothing
            continue
        counted = other["comm_gigabytes"] / own["comm_gigabytes"]
        convention = other["comm_gigabytes_paper"] / own["comm_gigabytes_paper"]
        measured = f"{counted:.2f} counted, {convention:.2f} by the paper's convention"
        printed = [row["paper_comm_gigabytes"] for row in (other, own)]
        if not any(map(pd.isna, printed)):
            measured += f", {printed[0] / printed[1]:.2f} printed"
        verdict = verdicts.judge(verdicts.exact(counted), Region(1, math.inf))
        yield Finding(cell, against, measured, verdict, "table1.csv, exact counts")


def memory_saved(evidence: Evidence, _: VerdictSettings) -> Iterator[Finding]:
    """Judge what a training holds of the largest worker's network against the whole one's.

    Peaks that were measured stand in the provenance of lines. They hold libraries' memory too, which
    differs from run to run and exceeds a narrow network's, so no verdict can rest on them.
    """
    for cell in (cell.name for cell in evidence.cells("loft")):
        own, dense = (HELD * evidence.parameters[name] / 1e6 for name in (cell, "dense"))
        measured = f"{own:.3g} MB of dense's {dense:.3g}"
        verdict = verdicts.judge(verdicts.exact(own - dense), BELOW_ZERO)
        source = "metrics.jsonl, exact counts: weights, gradients and momentum"
        yield Finding(cell, "dense", measured, verdict, source)


def parameters_saved(evidence: Evidence, _: VerdictSettings) -> Iterator[Finding]:
    """Judge the largest worker's parameters against the whole network's."""
    for cell in (cell.name for cell in evidence.cells("loft")):
        own, dense = evidence.parameters[cell], evidence.parameters["dense"]
        measured = f"{own} of dense's {dense}"
        verdict = verdicts.judge(verdicts.exact(own - dense), BELOW_ZERO)
        yield Finding(cell, "dense", measured, verdict, "metrics.jsonl, exact counts")
