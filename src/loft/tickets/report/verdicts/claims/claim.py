"""A claim: a statement of the paper beside Table 1, and how a run's measurements judge it.

Every statement puts a difference in a region, and `judging` says whether the seeds at hand show
that. The regions follow the statement's word, whatever was measured: "better", "faster" and "less"
are beyond zero, "comparable or better" is above minus the margin, "as good as" within it. Where a
statement is about several ratios, snapshots or epochs, it holds if it does for each of them. Bytes
and parameters are counted, so their interval is a point.
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
    """The verdict on a claim: about which cell, against which, how judged, from what."""

    cell: str
    against: str
    measured: str
    verdict: str
    evidence: str


class Claim(NamedTuple):
    """A statement, its place in the paper, how it is judged, and what that needs."""

    name: str
    source: str
    statement: str
    judge: Callable[[Measurements, VerdictSettings], Iterator[Judged]]
    needs: str


def several(shown: dict[str, Estimate], region: Region) -> tuple[str, str]:
    """Return how several measurements print, and the verdict on all of them together."""
    text = "; ".join(f"{label}: {each}" for label, each in shown.items())
    return text, judging.worst(judging.judge(each, region) for each in shown.values())


def seeds(values: Sequence[object]) -> str:
    """Return how many seeds the values are of, in words."""
    return "1 seed" if len(values) == 1 else f"{len(values)} seeds"
