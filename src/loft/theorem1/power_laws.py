"""Power laws fitted to measured means, with intervals.

`floor_law` is y = floor + c x^-b with floor, c >= 0, `power_law` is y = c x^slope. The first is
fitted by weighted least squares for every b of a grid, for which floor and c are linear. Intervals
come from fits to means redrawn from Student's t around the measured ones, each with the standard
error and the degrees of freedom of its repetitions: percentiles of bootstrapped repetitions would
be too narrow with as few as these.
"""

from dataclasses import dataclass

import numpy as np

from loft.theorem1.network import Array

EXPONENTS = np.geomspace(0.02, 8, 240)  # of the grid; beyond, a law is no power law any more


@dataclass(frozen=True)
class Interval:
    """An estimate and its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class FloorLaw:
    """floor + c x^slope.

    Attributes:
        slope: -b; absent where nothing falls.
        floor: what is left at infinite x.
        coefficient: c.
    """

    slope: Interval | None
    floor: Interval
    coefficient: float


def redraw(samples: list[Array], resamples: int, random: np.random.Generator) -> Array:
    """Return means redrawn around the measured ones, (resamples, points), the first row as is."""
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
        x: points, (points,).
        samples: repetitions of y at each point.
        confidence: of intervals.
        resamples: fits that they are made of.
        random: for these.
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
    """Fit floor and c, neither negative, to each row; return them and what is left over."""
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
    """Fit y = c x^slope to logarithms; arguments as for `floor_law`. Returns the slope."""
    means = redraw(samples, resamples, random)
    logs = np.log(means[0]) + means / means[0] - 1  # errors as far as they are small
    return _interval(least_squares_slopes(x, logs), confidence)


def least_squares_slopes(x: Array, logs: Array) -> Array:
    """Return the least-squares slope of each row of logarithms (..., points) against log x."""
    away = np.log(x) - np.log(x).mean()
    return np.asarray(logs @ away / (away @ away))


def _interval(values: Array, confidence: float) -> Interval:
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(values[0]), float(low), float(high))
