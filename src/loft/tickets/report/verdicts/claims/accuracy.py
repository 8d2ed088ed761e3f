"""Judge claims on the accuracy of tickets: the text on Table 1, and Figure 5 (section 6)."""

import math
from collections.abc import Iterable, Iterator

from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import percent
from loft.tickets.report.verdicts import judging
from loft.tickets.report.verdicts.claims.claim import ABOVE_ZERO, Claim, Judged, seeds, several
from loft.tickets.report.verdicts.judging import Region
from loft.tickets.report.verdicts.measurements import Measurements
from loft.tickets.results.cells import Cell


def comparable_tickets(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge if LoFT's last tickets are less than the margin below those of the baselines."""
    region = Region(-rule.margin, math.inf)
    for cells in found.pairs("loft", "gpipe", "local_sgd"):
        yield from _tickets(found, rule, cells, found.last_tickets(cells[0]), region)


def better_at_every_length(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Compare LoFT's tickets of every snapshot with those of the GPipe cell of Figure 5.

    This is the GPipe cell with the most tickets; the number of stages does not change GPipe's
    weights. The ratios are those of the earliest snapshot.
    """
    baselines = [cell.name for cell in found.cells("gpipe")]
    baseline = max(baselines, key=lambda name: len(found.places(name)), default="")
    for cell in found.cells("loft"):
        both = sorted({*found.places(cell.name)} & {*found.places(baseline)})
        ratios = [ratio for snapshot, ratio in both if snapshot == both[0][0]]
        places = [place for place in both if place[1] in ratios]
        if len(places) > len(ratios):
            yield from _tickets(found, rule, (cell.name, baseline), places, ABOVE_ZERO)


def four_as_good_as_two(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge if the last tickets of 4 workers are within the margin of those of 2 workers."""
    region = Region(-rule.margin, rule.margin)
    for four in found.cells("loft", "local_sgd"):
        two = Cell(four.method, 2)
        if four.workers == 4 and two in found.cells(four.method):
            last = found.last_tickets(four.name)
            yield from _tickets(found, rule, (four.name, two.name), last, region)


def _tickets(
    found: Measurements,
    rule: VerdictSettings,
    cells: tuple[str, str],
    places: Iterable[tuple[int, float]],
    region: Region,
) -> Iterator[Judged]:
    """Compare the first cell's tickets with the second's at these snapshots and ratios."""
    (cell, against), shown, values = cells, {}, []
    for at in places:
        samples = {key[0]: own for key, own in found.tickets.items() if key[1:] == at}
        if against in samples:
            values, noise = samples[cell], judging.pooled(samples.values())
            label = f"{percent(at[1])} % after {at[0]} epochs"
            shown[label] = judging.difference(values, samples[against], noise, rule.confidence)
    if shown:
        source = f"tickets.csv, points of accuracy, {seeds(values)}"
        yield Judged(cell, against, *several(shown, region), source)


CLAIMS = [
    Claim(
        "comparable_tickets",
        "section 6, Table 1",
        "LoFT's tickets are comparable or better: less than the margin below the baseline's",
        comparable_tickets,
        "cells of LoFT and of a baseline with as many workers",
    ),
    Claim(
        "better_at_every_length",
        "section 6, Figure 5",
        "LoFT's tickets are better than GPipe's whatever the length of pretraining",
        better_at_every_length,
        "LoFT's and GPipe's tickets of several snapshots",
    ),
    Claim(
        "four_workers_as_good_as_two",
        "section 6, Table 1",
        "tickets of 4 workers are as good as those of 2, within the margin",
        four_as_good_as_two,
        "cells with 2 and with 4 workers",
    ),
]
