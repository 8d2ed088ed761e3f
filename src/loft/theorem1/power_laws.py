"""Fit power laws to measured means, with confidence intervals.

`floor_law` fits y = floor + c x^-b with floor, c >= 0; `power_law` fits y = c x^slope. The first is
a weighted least-squares fit for every b of a grid, because floor and c are linear for a given b.
Intervals come from fits to redrawn means: Student's t around the measured means, with the standard
error and the degrees of freedom of the repetitions. A bootstrap of so few repetitions would give
intervals that are too narrow.
"""

from dataclasses import dataclass

import numpy as np

from loft.theorem1.network import Array

EXPONENTS = np.geomspace(0.02, 8, 240)  # grid of b


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class FloorLaw:
    """floor + c x^slope.

    Attributes:
        slope: -b; None if y does not fall.
        floor: the limit at infinite x.
        coefficient: c.
    """

    slope: Interval | None
    floor: Interval
    coefficient: float


def redraw(samples: list[Array], resamples: int, random: np.random.Generator) -> Array:
    """Redraw means around the measured ones, (resamples, points); row 0 is the measured means."""
    columns = []
    for values in samples:
        error = values.std(ddof=1) / np.sqrt(len(values))
        noise = error * random.standard_t(len(values) - 1, resamples)
        noise[0] = 0
        columns.append(values.mean() + noise)
    return np.stack(columns, axis=1)


def floor_law(
    x: Array, samples: list[Array], confidence: float, resamples: int, random: np.random.Generator
) -> FloorLaw:
    """Fit a power law above a floor.

    Args:
        x: the points, (points,).
        samples: repetitions of y at each point.
        confidence: confidence level of the intervals.
        resamples: number of fits to redrawn means.
        random: draws the means.
    """
    means = redraw(samples, resamples, random)
    errors = np.array([values.std(ddof=1) / np.sqrt(len(values)) for values in samples])
    best = np.full(len(means), np.inf)
    floors, coefficients, slopes = (np.zeros(len(means)) for _ in range(3))
    scale = np.exp(np.log(x).mean())  # keeps x^-b near 1
    for exponent in EXPONENTS:
        floor, coefficient, left = _linear(means, (x / scale) ** -exponent, 1 / errors)
        better = left < best
        best = np.where(better, left, best)
        floors = np.where(better, floor, floors)
        coefficients = np.where(better, coefficient * scale**exponent, coefficients)
        slopes = np.where(better, -exponent, slopes)
    falls = coefficients > 0
    slope = _interval(np.where(falls, slopes, 0.0), confidence) if falls[0] else None
    return FloorLaw(slope, _interval(floors, confidence), float(coefficients[0]))


def _linear(means: Array, powers: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Fit floor >= 0 and c >= 0 to each row; return both and the squared residuals."""
    ones, powers, rows = weights, weights * powers, means * weights
    aa, ab, bb = ones @ ones, ones @ powers, powers @ powers
    ya, yb = rows @ ones, rows @ powers
    determinant = aa * bb - ab * ab
    floor, slope = (bb * ya - ab * yb) / determinant, (aa * yb - ab * ya) / determinant
    no_floor, flat = floor < 0, slope < 0
    slope = np.where(no_floor, yb / bb, np.where(flat, 0, slope))
    floor = np.where(no_floor, 0, np.where(flat, ya / aa, floor))
    left = np.square(rows - floor[:, None] * ones - slope[:, None] * powers).sum(1)
    return floor, slope, left


def power_law(
    x: Array, samples: list[Array], confidence: float, resamples: int, random: np.random.Generator
) -> Interval:
    """Fit y = c x^slope to logarithms, with the arguments of `floor_law`; return the slope."""
    means = redraw(samples, resamples, random)
    logs = np.log(means[0]) + means / means[0] - 1  # logarithms to first order in the errors
    return _interval(least_squares_slopes(x, logs), confidence)


def least_squares_slopes(x: Array, logs: Array) -> Array:
    """Return the least-squares slope of each row of logarithms (..., points) against log x."""
    away = np.log(x) - np.log(x).mean()
    return np.asarray(logs @ away / (away @ away))


def _interval(values: Array, confidence: float) -> Interval:
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(values[0]), float(low), float(high))
