"""Judge statements about accuracies: one rule for Table 1 and for claims.

A statement says in which region a difference lies: a measured mean minus a printed value, or the
difference of two measured means. The seeds give an interval for the difference. The statement is

    reproduced       if the interval lies inside the region,
    not reproduced   if interval and region have no point in common,
    underpowered     otherwise, and always if no deviation over seeds is known.

With the region (-m, m) "reproduced" is the equivalence test (two one-sided t-tests, each at level
1 - gamma), and "not reproduced" shows a difference beyond the margin at the same level. An ordering
is one of three regions: below (d < -m), equivalent (-m < d < m), above (d > m). Swapping the two
sides of a comparison mirrors interval and region, so the verdict does not change.

    interval    d -+ t(gamma, nu) e,    e = s sqrt(1/n + 1/n')
    deviation   s^2 = sum over cells of (n_c - 1) s_c^2 / nu,    nu = sum over cells of (n_c - 1)

Legend: m margin, in points of accuracy; gamma confidence; d difference of means over n and n' seeds
(a printed value counts as exact, since the paper reports no seeds; the margin allows for that);
s_c^2 the sample variance of a cell's n_c seeds; t(gamma, nu) the quantile of Student's t.

The deviation is pooled over cells because a cell has few seeds. Each measured quantity, such as a
column of accuracies, is pooled separately, since stronger pruning gives noisier tickets. Seeds
count as independent between cells. In fact cells with the same seed start from the same weights,
which can only make a difference less noisy. There is no correction for multiple comparisons.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import mean, variance
from typing import NamedTuple

from scipy import special

from loft.tickets.report.job import VerdictSettings

REPRODUCED, NOT_REPRODUCED, UNDERPOWERED = "reproduced", "not reproduced", "underpowered"
POWER = 0.8  # the usual value (Cohen 1988)


class Region(NamedTuple):
    """The open interval in which a statement says that a difference lies."""

    low: float
    high: float


class Noise(NamedTuple):
    """The deviation s of one seed's value, and its degrees of freedom nu."""

    deviation: float
    freedom: int


class Estimate(NamedTuple):
    """A measured value and its interval, which is infinite if no deviation is known."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return value and interval as text; only the value if the interval is infinite."""
        bounds = f" [{self.low:+.2f}, {self.high:+.2f}]"
        return f"{self.value:+.2f}" + (bounds if math.isfinite(self.low) else "")


def pooled(samples: Iterable[Sequence[float]]) -> Noise | None:
    """Return the deviation pooled over cells, each a list of values in order of seeds.

    Cells with equal values are the same training and count once: GPipe computes the same weights
    with two and with four stages. The result is None with a single seed, or if values do not vary.
    """
    cells = [cell for cell in dict.fromkeys(map(tuple, samples)) if len(cell) > 1]
    freedom = sum(len(cell) - 1 for cell in cells)
    squares = math.fsum((len(cell) - 1) * variance(cell) for cell in cells)
    return Noise(math.sqrt(squares / freedom), freedom) if squares else None


def estimate(
    value: float, counts: Sequence[int], noise: Noise | None, confidence: float
) -> Estimate:
    """Return the interval of a mean of `counts[0]` seeds, or of the difference of two means."""
    if noise is None:
        return Estimate(value, -math.inf, math.inf)
    half = special.stdtrit(noise.freedom, confidence) * _error(counts, noise)
    return Estimate(value, value - half, value + half)


def difference(
    first: Sequence[float], second: Sequence[float], noise: Noise | None, confidence: float
) -> Estimate:
    """Return the difference of two cells' means over seeds: first minus second."""
    counts = (len(first), len(second))
    return estimate(mean(first) - mean(second), counts, noise, confidence)


def exact(value: float) -> Estimate:
    """Return the estimate of a value that was counted: its interval is a point."""
    return Estimate(value, value, value)


def ordering(printed: float, margin: float) -> Region:
    """Return the region of a printed difference: below, equivalent or above."""
    if abs(printed) <= margin:
        return Region(-margin, margin)
    return Region(margin, math.inf) if printed > 0 else Region(-math.inf, -margin)


def judge(shown: Estimate, region: Region) -> str:
    """Return the verdict on the statement that the difference lies in `region`."""
    if region.low < shown.low and shown.high < region.high:
        return REPRODUCED
    outside = shown.high <= region.low or shown.low >= region.high
    return NOT_REPRODUCED if outside else UNDERPOWERED


def worst(verdicts: Iterable[str]) -> str:
    """Return the verdict on several statements together: the worst of their verdicts."""
    found = set(verdicts)
    return next((v for v in (NOT_REPRODUCED, UNDERPOWERED) if v in found), REPRODUCED)


def detectable(counts: Sequence[int], noise: Noise | None, rule: VerdictSettings) -> float:
    """Return the smallest detectable difference, in the values' unit; infinite without deviation.

    If a true difference is this far from an edge of a region, the interval excludes the edge with
    probability 0.8. It is delta e, where P(T > t(gamma, nu)) = 0.8 for T of the noncentral t
    distribution with nu degrees of freedom and noncentrality delta.
    """
    if noise is None:
        return math.inf
    quantile = special.stdtrit(noise.freedom, rule.confidence)
    return float(special.nctdtrinc(noise.freedom, 1 - POWER, quantile)) * _error(counts, noise)


def _error(counts: Sequence[int], noise: Noise) -> float:
    """Return e, the standard error of a difference of means over `counts` seeds."""
    return noise.deviation * math.sqrt(sum(1 / count for count in counts))
