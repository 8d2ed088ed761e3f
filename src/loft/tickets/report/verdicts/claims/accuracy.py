"""Judge claims on the accuracy of tickets: the text on Table 1, and Figure 5 (section 6)."""

import math
from collections.abc import Iterable, Iterator

from loft.core.reporting.verdicts.claims import Claim, Judged, repeated
from loft.core.reporting.verdicts.intervals import difference, pooled
from loft.core.reporting.verdicts.judging import several
from loft.core.reporting.verdicts.regions import ABOVE_ZERO, Region, within
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import percent
from loft.tickets.report.verdicts.margins import rule_of
from loft.tickets.report.verdicts.measurements import Measurements
from loft.tickets.results.cells import DENSE, UNPRUNED, Cell


def comparable_tickets(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge if LoFT's last tickets are less than the margin below those of the baselines."""
    region = Region(-found.margin(rule), math.inf)
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
    region = within(found.margin(rule))
    for four in found.cells("loft", "local_sgd"):
        two = Cell(four.method, 2)
        if four.workers == 4 and two in found.cells(four.method):
            last = found.last_tickets(four.name)
            yield from _tickets(found, rule, (four.name, two.name), last, region)


def as_good_as_full_pretraining(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge if LoFT's last tickets are within the margin of those of dense pretraining."""
    region = within(found.margin(rule))
    for cell in (cell.name for cell in found.cells("loft")):
        yield from _tickets(found, rule, (cell, DENSE), found.last_tickets(cell), region)


def as_good_as_full_model(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge if LoFT's last tickets are within the margin of the unpruned network (dense column).

    The deviation is pooled over the tickets of a ratio and the dense column.
    """
    region = within(found.margin(rule))
    for cell in (cell.name for cell in found.cells("loft") if found.dense):
        shown, values = {}, []
        for at in found.last_tickets(cell):
            samples = {key[0]: own for key, own in found.tickets.items() if key[1:] == at}
            values, noise = samples[cell], pooled([*samples.values(), found.dense])
            shown[_label(at)] = difference(values, found.dense, noise)
        if shown:
            text, verdict = several(shown, region, rule_of(rule))
            yield Judged(cell, UNPRUNED, text, verdict, f"table1.csv, {_points(values)}")


def _label(at: tuple[int, float]) -> str:
    return f"{percent(at[1])} % after {at[0]} epochs"


def _points(values: list[float]) -> str:
    return f"points of accuracy, {repeated(values)}"


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
            values, noise = samples[cell], pooled(samples.values())
            shown[_label(at)] = difference(values, samples[against], noise)
    if shown:
        text, verdict = several(shown, region, rule_of(rule), found.margin(rule))
        yield Judged(cell, against, text, verdict, f"tickets.csv, {_points(values)}")


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
    Claim(
        "as_good_as_full_pretraining",
        "section 6, Table 1",
        "LoFT's tickets are as good as those of pretraining the full model, within the margin",
        as_good_as_full_pretraining,
        "cells of LoFT and of dense pretraining, with tickets",
    ),
    Claim(
        "as_good_as_full_model",
        "section 6, Table 1",
        "LoFT's tickets are as good as the full model, trained unpruned, within the margin",
        as_good_as_full_model,
        "tickets of LoFT, and the dense column",
    ),
]
