"""Define a claim: a statement of the paper beside Table 1, and the function that judges it.

Each statement says in which region a difference lies, and `judging` decides if the seeds show it.
The region follows from the words of the statement: "better", "faster" and "less" are above or below
zero, "comparable or better" is above minus the margin, "as good as" is within the margin. A
statement about several ratios, snapshots or epochs holds if it holds for each of them. Bytes and
parameters are counted, so their interval is a point.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.verdicts import judging
from loft.tickets.report.verdicts.judging import Estimate, Region
from loft.tickets.report.verdicts.measurements import Measurements

ABOVE_ZERO, BELOW_ZERO = Region(0, math.inf), Region(-math.inf, 0)


class Judged(NamedTuple):
    """The verdict on a claim for one cell: compared cell, measurement, verdict and source."""

    cell: str
    against: str
    measured: str
    verdict: str
    evidence: str


class Claim(NamedTuple):
    """A statement, its place in the paper, the function that judges it, and what that needs."""

    name: str
    source: str
    statement: str
    judge: Callable[[Measurements, VerdictSettings], Iterator[Judged]]
    needs: str


def several(shown: dict[str, Estimate], region: Region) -> tuple[str, str]:
    """Return several measurements as text, and the verdict on all of them together."""
    text = "; ".join(f"{label}: {each}" for label, each in shown.items())
    return text, judging.worst(judging.judge(each, region) for each in shown.values())


def seeds(values: Sequence[object]) -> str:
    """Return the number of seeds in words; there is one value per seed."""
    return "1 seed" if len(values) == 1 else f"{len(values)} seeds"
