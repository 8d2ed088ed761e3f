"""Judge claims on bytes, memory and parameters, from exact counts (sections 4 and 6)."""

import math
from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd

from loft.core.reporting.verdicts.claims import Claim, Judged
from loft.core.reporting.verdicts.intervals import exact
from loft.core.reporting.verdicts.judging import judge
from loft.core.reporting.verdicts.regions import BELOW_ZERO, Region
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.verdicts.margins import rule_of
from loft.tickets.report.verdicts.measurements import Measurements

HELD = 12  # bytes per parameter: value, gradient and momentum, each float32
MORE = Region(1, math.inf)  # of a ratio, baseline over LoFT
CONVENTION, COUNTED = "comm_gigabytes_paper", "comm_gigabytes"
OPERATIONS = "pretrain_teraoperations"
EXACT = "table1.csv, exact counts"


def improvement(found: Measurements, rule: VerdictSettings, baseline: str) -> Iterator[Judged]:
    """Judge Table 1's last column: the baseline's cost over LoFT's, by the paper's convention.

    The ratio of counted bytes stands beside it, and the ratio of the printed costs.
    """
    for cell, against, own, other in _pairs(found, CONVENTION, baseline):
        convention, counted = other[CONVENTION] / own[CONVENTION], other[COUNTED] / own[COUNTED]
        measured = f"{convention:.2f} by the paper's convention, {counted:.2f} counted"
        printed = [row["paper_comm_gigabytes"] for row in (other, own)]
        if not any(map(pd.isna, printed)):
            measured += f", {printed[0] / printed[1]:.2f} printed"
        yield Judged(cell, against, measured, judge(exact(convention), MORE, rule_of(rule)), EXACT)


def bytes_saved(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge if workers of LoFT send fewer bytes, as counted, than those of each baseline."""
    for cell, against, own, other in _pairs(found, COUNTED, "gpipe", "local_sgd"):
        ratio = other[COUNTED] / own[COUNTED]
        verdict = judge(exact(ratio), MORE, rule_of(rule))
        yield Judged(cell, against, f"{ratio:.2f} times as many bytes", verdict, EXACT)


def computation_saved(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Judge if LoFT's pretraining computes less than each baseline's, all workers together.

    Table 1 has no operations for cells whose lines lack them; such cells are not judged.
    """
    for cell, against, own, other in _pairs(found, OPERATIONS, "gpipe", "local_sgd"):
        ratio = other[OPERATIONS] / own[OPERATIONS]
        verdict = judge(exact(ratio), MORE, rule_of(rule))
        yield Judged(cell, against, f"{ratio:.2f} times as many operations", verdict, EXACT)


def _pairs(
    found: Measurements, column: str, *baselines: str
) -> Iterator[tuple[str, str, dict[Hashable, Any], dict[Hashable, Any]]]:
    """Yield LoFT's cells, baselines with as many workers, and the rows of both in Table 1.

    A cell whose row has nothing in the column is left out: one worker alone sends nothing.
    """
    for cell, against in found.pairs("loft", *baselines):
        own, other = found.costs[cell], found.costs[against]
        values = [row.get(name) or 0 for row in (own, other) for name in (column, COUNTED)]
        if all(value > 0 for value in values):
            yield cell, against, own, other


def memory_saved(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Compare the memory for the largest worker's network with that for the whole network.

    Measured peaks are in the provenance of lines. They include the memory of libraries, which
    varies from run to run and is larger than a narrow network, so they give no verdict.
    """
    for cell in (cell.name for cell in found.cells("loft")):
        own, dense = (HELD * found.parameters[name] / 1e6 for name in (cell, "dense"))
        measured = f"{own:.3g} MB of dense's {dense:.3g}"
        verdict = judge(exact(own - dense), BELOW_ZERO, rule_of(rule))
        source = "metrics.jsonl, exact counts: weights, gradients and momentum"
        yield Judged(cell, "dense", measured, verdict, source)


def parameters_saved(found: Measurements, rule: VerdictSettings) -> Iterator[Judged]:
    """Compare the largest worker's number of parameters with the whole network's."""
    for cell in (cell.name for cell in found.cells("loft")):
        own, dense = found.parameters[cell], found.parameters["dense"]
        measured = f"{own} of dense's {dense}"
        verdict = judge(exact(own - dense), BELOW_ZERO, rule_of(rule))
        yield Judged(cell, "dense", measured, verdict, "metrics.jsonl, exact counts")


CLAIMS = [
    Claim(
        "improvement_over_gpipe",
        "section 6, Table 1",
        "LoFT's communication cost is below GPipe's: the improvement is above 1",
        lambda found, rule: improvement(found, rule, "gpipe"),
        "cells of LoFT and GPipe with as many workers, 2 or more",
    ),
    Claim(
        "improvement_over_local_sgd",
        "section 6, Table 1",
        "LoFT's communication cost is below Local SGD's: the improvement is above 1",
        lambda found, rule: improvement(found, rule, "local_sgd"),
        "cells of LoFT and Local SGD with as many workers, 2 or more",
    ),
    Claim(
        "communication_saved",
        "abstract",
        "LoFT sends fewer bytes than other methods of pretraining: the ratio is above 1",
        bytes_saved,
        "cells of LoFT and of a baseline with as many workers, 2 or more",
    ),
    Claim(
        "computation_saved",
        "abstract",
        "LoFT computes less than other methods of pretraining: the ratio is above 1",
        computation_saved,
        "the operations of pretraining, of LoFT and of a baseline with as many workers",
    ),
    Claim(
        "memory_saved",
        "sections 4 and 6",
        "a LoFT worker holds less of a network in memory than training the whole one does",
        memory_saved,
        "cells of LoFT",
    ),
    Claim(
        "parameters_saved",
        "sections 4 and 6",
        "a LoFT worker trains fewer parameters than the whole network has",
        parameters_saved,
        "cells of LoFT",
    ),
]
