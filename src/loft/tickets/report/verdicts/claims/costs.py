"""Judge claims on bytes, memory and parameters, from exact counts (sections 4 and 6)."""

import math
from collections.abc import Iterator

import pandas as pd

from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.verdicts import judging
from loft.tickets.report.verdicts.claims.claim import BELOW_ZERO, Claim, Judged
from loft.tickets.report.verdicts.judging import Region
from loft.tickets.report.verdicts.measurements import Measurements

HELD = 12  # bytes per parameter: value, gradient and momentum, each float32


def bytes_saved(found: Measurements, baseline: str) -> Iterator[Judged]:
    """Judge the ratio of counted bytes; also print it by the paper's convention and as printed."""
    for cell, against in found.pairs("loft", baseline):
        own, other = found.costs[cell], found.costs[against]
        if not own["comm_gigabytes"]:  # one worker alone sends nothing
            continue
        counted = other["comm_gigabytes"] / own["comm_gigabytes"]
        convention = other["comm_gigabytes_paper"] / own["comm_gigabytes_paper"]
        measured = f"{counted:.2f} counted, {convention:.2f} by the paper's convention"
        printed = [row["paper_comm_gigabytes"] for row in (other, own)]
        if not any(map(pd.isna, printed)):
            measured += f", {printed[0] / printed[1]:.2f} printed"
        verdict = judging.judge(judging.exact(counted), Region(1, math.inf))
        yield Judged(cell, against, measured, verdict, "table1.csv, exact counts")


def memory_saved(found: Measurements, _: VerdictSettings) -> Iterator[Judged]:
    """Compare the memory for the largest worker's network with that for the whole network.

    Measured peaks are in the provenance of lines. They include the memory of libraries, which
    varies from run to run and is larger than a narrow network, so they give no verdict.
    """
    for cell in (cell.name for cell in found.cells("loft")):
        own, dense = (HELD * found.parameters[name] / 1e6 for name in (cell, "dense"))
        measured = f"{own:.3g} MB of dense's {dense:.3g}"
        verdict = judging.judge(judging.exact(own - dense), BELOW_ZERO)
        source = "metrics.jsonl, exact counts: weights, gradients and momentum"
        yield Judged(cell, "dense", measured, verdict, source)


def parameters_saved(found: Measurements, _: VerdictSettings) -> Iterator[Judged]:
    """Compare the largest worker's number of parameters with the whole network's."""
    for cell in (cell.name for cell in found.cells("loft")):
        own, dense = found.parameters[cell], found.parameters["dense"]
        measured = f"{own} of dense's {dense}"
        verdict = judging.judge(judging.exact(own - dense), BELOW_ZERO)
        yield Judged(cell, "dense", measured, verdict, "metrics.jsonl, exact counts")


CLAIMS = [
    Claim(
        "improvement_over_gpipe",
        "section 6, Table 1",
        "LoFT sends fewer bytes than GPipe: the ratio is above 1",
        lambda found, _: bytes_saved(found, "gpipe"),
        "cells of LoFT and GPipe with as many workers, 2 or more",
    ),
    Claim(
        "improvement_over_local_sgd",
        "section 6, Table 1",
        "LoFT sends fewer bytes than Local SGD: the ratio is above 1",
        lambda found, _: bytes_saved(found, "local_sgd"),
        "cells of LoFT and Local SGD with as many workers, 2 or more",
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
