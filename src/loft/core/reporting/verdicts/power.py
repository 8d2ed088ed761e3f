"""Compute the power of verdicts, and how many repetitions a stated power needs.

A region is shown if the interval d -+ t(a, nu) e lies inside it. With N repetitions of each cell, d
is normal around the true value with deviation sigma_e = sigma sqrt(c / N), e is an independent
estimate of sigma_e with nu = C (N - 1) degrees of freedom, and so

    power = mean over e of [Phi((high - t e - d) / sigma_e) - Phi((low + t e - d) / sigma_e)]_+

where e^2 = sigma_e^2 chi^2(nu) / nu. For the equivalence test of two one-sided t tests this is
exact (Schuirmann 1987; Owen's function), and for a region with one edge it is the power of the
one-sided t test. The mean is taken over equally likely values of e.

Legend: C pooled cells; c means that the value is made of (2 for a difference); sigma deviation of
one repetition; 1 - a level of the test; Phi distribution function of the normal distribution.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from loft.core.reporting.verdicts.intervals import Noise
from loft.core.reporting.verdicts.regions import Region

MOST = 1000  # repetitions that are asked for; more is said as "more than"
LIKELY = (np.arange(1000) + 0.5) / 1000  # quantiles of equally likely errors


def power(region: Region, true: float, noise: Noise, means: int, seeds: int, level: float) -> float:
    """Return the probability to show that a difference lies in a region.

    Args:
        region: the region.
        true: the true difference.
        noise: deviation of one repetition, and the cells that it is pooled over.
        means: number of means in the difference: 2, or 1 against an exact value.
        seeds: repetitions of each cell, 2 or more.
        level: probability of a wrong verdict at an edge, such as 0.05.
    """
    freedom = noise.cells * (seeds - 1)
    error = noise.deviation * math.sqrt(means / seeds)
    if not error:
        return float(region.low < true < region.high)
    half = special.stdtrit(freedom, 1 - level) * error * _scales(freedom)
    high = special.ndtr((region.high - half - true) / error)
    low = special.ndtr((region.low + half - true) / error)
    return float(np.maximum(high - low, 0).mean())


@lru_cache(maxsize=256)
def _scales(freedom: int) -> NDArray[np.float64]:
    """Return equally likely values of the estimated error over the true one."""
    scales: NDArray[np.float64] = np.sqrt(2 * special.gammaincinv(freedom / 2, LIKELY) / freedom)
    return scales


def needed(
    region: Region, true: float, noise: Noise, means: int, level: float, wanted: float
) -> int:
    """Return the least number of repetitions of each cell for a power; `MOST` + 1 if more."""

    def enough(seeds: int) -> bool:
        return power(region, true, noise, means, seeds, level) >= wanted

    if not enough(MOST):
        return MOST + 1
    low, high = 1, MOST  # too few, enough
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def detectable(
    counts: Sequence[int], noise: Noise | None, confidence: float, wanted: float
) -> float:
    """Return the smallest detectable difference, in the values' unit; infinite without deviation.

    If a true difference is this far from an edge of a region, the interval excludes the edge with
    the wanted power. It is delta e, where P(T > t(gamma, nu)) is the power for T of the noncentral
    t distribution with nu degrees of freedom and noncentrality delta.
    """
    if noise is None:
        return math.inf
    quantile = special.stdtrit(noise.freedom, confidence)
    error = noise.deviation * math.sqrt(sum(1 / count for count in counts))
    return float(special.nctdtrinc(noise.freedom, 1 - wanted, quantile)) * error
