"""Compute the intervals of means over repetitions, and of differences and ratios of two means.

    interval     d -+ t(gamma, nu) e,    e = s sqrt(1/n + 1/n')
    deviation    s^2 = sum over cells of (n_c - 1) s_c^2 / nu,    nu = sum over cells of (n_c - 1)

Legend: d difference of means over n and n' repetitions; gamma confidence to either side; s_c^2 the
sample variance of a cell's n_c repetitions; t(gamma, nu) the quantile of Student's t.

The deviation is pooled over cells because a cell has few repetitions. An interval covers what the
repetitions vary, and nothing else: with seeds, the training on the same images.

Ratios, and amounts that are above zero and vary by factors (losses, bytes, steps, times), have
intervals on a logarithmic scale. There a ratio of means is a difference, its interval holds no
value below zero, and swapping both sides gives the reciprocal interval. The mean of an amount keeps
its arithmetic mean, for that is what an expectation or a sum of costs is, and has the interval

    d exp(-+ t(gamma, nu) e / d),

since e / d is the standard error of ln d to first order (delta method).
"""

import math
from collections.abc import Iterable, Sequence
from statistics import mean, variance
from typing import NamedTuple

from scipy import special

Interval = tuple[float, float]


class Noise(NamedTuple):
    """The deviation s of one repetition, its degrees of freedom nu, the number of pooled cells."""

    deviation: float
    freedom: int
    cells: int


class Estimate(NamedTuple):
    """A measured value, and what its interval follows from.

    Attributes:
        value: a mean, or a difference of two means; of ratios the natural logarithm.
        counts: number of repetitions of each mean; empty if the value was counted exactly.
        noise: deviation of one repetition; None if it is unknown.
    """

    value: float
    counts: tuple[int, ...]
    noise: Noise | None

    @property
    def error(self) -> float:
        """The standard error: 0 if counted exactly, infinite if no deviation is known."""
        if not self.counts:
            return 0.0
        if self.noise is None:
            return math.inf
        return self.noise.deviation * math.sqrt(sum(1 / count for count in self.counts))

    def interval(self, confidence: float, beside: float = 0.0) -> Interval:
        """Return the interval whose bounds each hold with `confidence`.

        Args:
            confidence: of each bound.
            beside: another standard error, of something independent of the repetitions.
        """
        error = math.hypot(self.error, beside)
        if not error:
            return self.value, self.value
        if self.noise is None:
            return -math.inf, math.inf
        half = float(special.stdtrit(self.noise.freedom, confidence)) * error
        return self.value - half, self.value + half

    def text(self, confidence: float) -> str:
        """Return value and interval; only the value if the interval is infinite."""
        low, high = self.interval(confidence)
        bounds = f" [{low:+.2f}, {high:+.2f}]"
        return f"{self.value:+.2f}" + (bounds if math.isfinite(low) else "")

    def ratio_text(self, confidence: float) -> str:
        """Return the ratio whose logarithm this is, with its interval, to 3 digits."""
        low, high = self.interval(confidence)
        bounds = f" [{math.exp(low):.3g}, {math.exp(high):.3g}]" if math.isfinite(low) else ""
        return f"{math.exp(self.value):.3g}{bounds}"


def pooled(samples: Iterable[Sequence[float]]) -> Noise | None:
    """Return the deviation pooled over cells, each a list of values in order of repetitions.

    Cells with equal values are the same training and count once: GPipe computes the same weights
    with two and with four stages. The result is None with single repetitions, or if no value
    varies.
    """
    cells = [cell for cell in dict.fromkeys(map(tuple, samples)) if len(cell) > 1]
    freedom = sum(len(cell) - 1 for cell in cells)
    squares = math.fsum((len(cell) - 1) * variance(cell) for cell in cells)
    return Noise(math.sqrt(squares / freedom), freedom, len(cells)) if squares else None


def average(values: Sequence[float], noise: Noise | None) -> Estimate:
    """Return the mean of a cell over its repetitions."""
    return Estimate(mean(values), (len(values),), noise)


def difference(first: Sequence[float], second: Sequence[float], noise: Noise | None) -> Estimate:
    """Return the difference of two cells' means over repetitions: first minus second."""
    return Estimate(mean(first) - mean(second), (len(first), len(second)), noise)


def paired(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Return the mean difference, repetition by repetition: first minus second."""
    apart = [a - b for a, b in zip(first, second, strict=True)]
    return average(apart, pooled([apart]))


def exact(value: float) -> Estimate:
    """Return the estimate of a value that was counted: its interval is a point."""
    return Estimate(value, (), None)


def logs(values: Iterable[float]) -> list[float]:
    """Return natural logarithms of values above zero."""
    return [math.log(value) for value in values]


def ratio(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Return the logarithm of the ratio of two cells' geometric means, with a pooled deviation.

    Values that do not vary at all, such as counted bytes of equal runs, give an exact ratio if
    there are several of them.
    """
    own, other = logs(first), logs(second)
    found = difference(own, other, pooled([own, other]))
    alike = min(len(own), len(other)) > 1 and found.noise is None
    return exact(found.value) if alike else found


def geometric(values: Sequence[float], confidence: float) -> tuple[float, float, float]:
    """Return the geometric mean of values above zero, with the bounds of its interval.

    Args:
        values: a value for each repetition.
        confidence: of the interval, both sides together.

    Returns:
        Mean, lower and upper bound; bounds are NaN with fewer than two values, all three with none.
    """
    if not values:
        return math.nan, math.nan, math.nan
    own = logs(values)
    if len(own) < 2:
        return math.exp(own[0]), math.nan, math.nan
    half = 0.0
    if noise := pooled([own]):
        quantile = float(special.stdtrit(noise.freedom, 0.5 + confidence / 2))
        half = quantile * average(own, noise).error
    return math.exp(mean(own)), math.exp(mean(own) - half), math.exp(mean(own) + half)


def amount(values: Sequence[float], confidence: float) -> tuple[float, float, float]:
    """Return the arithmetic mean of amounts above zero, with bounds on a logarithmic scale.

    Arguments and result are those of `geometric`.
    """
    if not values:
        return math.nan, math.nan, math.nan
    center = mean(values)
    if len(values) < 2 or center <= 0:
        return center, math.nan, math.nan
    half = 0.0
    if noise := pooled([values]):
        quantile = float(special.stdtrit(noise.freedom, 0.5 + confidence / 2))
        half = quantile * average(values, noise).error / center
    return center, center * math.exp(-half), center * math.exp(half)
