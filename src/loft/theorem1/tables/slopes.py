"""Fit both distances against each quantity and compare the slopes with the bound (`slopes.csv`).

Against m and S we fit a power law above a floor, against the other quantities, or if the distance
does not fall, a plain power law. Points with xi = 1 are left out: there LoFT is gradient descent
and the distance is rounding error. The bound's slopes are -1/4 for m (its first term), 1
for T, and for S and xi the slopes of its second term theta^2 (1 - xi) / S over the same points. The
bound says nothing of local steps.
"""

from typing import Any

import numpy as np
import pandas as pd

from loft.core.reporting.metrics import Line
from loft.core.seeding import stream
from loft.theorem1.measurements import FINITE, TERMS, Jobs, floor, of_kind
from loft.theorem1.network import Array
from loft.theorem1.power_laws import (
    FloorLaw,
    Interval,
    floor_law,
    least_squares_slopes,
    power_law,
    redraw,
)
from loft.theorem1.settings import FitSettings

TITLE = "Slopes and floors"
CAPTION = """
How both distances between LoFT's and gradient descent's trajectories depend on the width m, the
workers S, the probability xi, the iterations T and the local steps. Against m and S a power law
above a floor is fitted. ``bound`` is the slope that Theorem 1 has, ``predicted_floor`` our own
derivation's floor at infinite width.
"""
AGAINST = ["m", "S", "xi", "T", "local_steps"]
ROUNDING = 1e-20  # squared distances below this are rounding errors
SETTLED = 10  # curves are fitted from a tenth of their length on


def make(jobs: Jobs, fit: FitSettings) -> pd.DataFrame:
    """Return a row for each quantity, kind of data and masks, kappa and term."""
    lines = of_kind(jobs, "cell")
    rows: list[dict[str, Any]] = []
    for against in AGAINST:
        wanted = of_kind(jobs, "curve") if against == "T" else lines
        swept = [line for line in wanted if against == "T" or against in line["sweeps"]]
        groups: dict[tuple[Any, ...], list[Line]] = {}
        for line in swept:
            key = (line["source"], line["masks"], line["kappa"])
            groups.setdefault(key, []).append(line)
        for key, group in groups.items():
            named = dict(zip(("source", "masks", "kappa"), key, strict=True))
            for term in TERMS:
                random = stream("theorem1-fit", len(rows))
                made = (
                    _along(group[0], term, fit, random)
                    if against == "T"
                    else _across(against, group, term, fit, random)
                )
                if made is not None:
                    rows.append({"against": against, **made, "term": term, **named})
    return pd.DataFrame(rows)[COLUMNS]


COLUMNS = [
    *("against", "slope", "low", "high", "bound", "finding"),
    *("source", "term", "masks", "kappa", "from", "to"),
    *("plain", "plain_low", "plain_high"),
    *("floor", "floor_low", "floor_high", "predicted_floor", "coefficient"),
]


def _across(
    against: str, group: list[Line], term: str, settings: FitSettings, random: np.random.Generator
) -> dict[str, Any] | None:
    """Fit one term over cells; None if fewer than two cells differ from gradient descent."""
    apart = [line for line in group if np.mean(line[term]) > ROUNDING]
    apart.sort(key=lambda line: line[against])
    if len(apart) < 2:
        return None
    x = np.array([line[against] for line in apart], dtype=float)
    samples = [np.array(line[term]) for line in apart]
    how = (settings.confidence, settings.resamples, random)
    plain = power_law(x, samples, *how)
    bound = _bound(against, apart, x)
    row = {"bound": bound, "from": x[0], "to": x[-1], **_columns("plain", plain)}
    law = floor_law(x, samples, *how) if against in ("m", "S") and len(apart) > 3 else None
    if law is not None and law.slope is not None:
        predicted = floor(apart[-1], term) if against == "m" else None
        row |= _columns("slope", law.slope) | _columns("floor", law.floor)
        row |= {"predicted_floor": predicted, "coefficient": law.coefficient}
        finding = _judge_law(against, law, bound)
    else:
        row |= _columns("slope", plain)
        finding = _judge(plain, bound)
    return row | {"finding": finding + _reason(against, term, apart, finding)}


def _along(
    line: Line, term: str, settings: FitSettings, random: np.random.Generator
) -> dict[str, Any]:
    """Fit one term over the iterations of a cell: the mean of the repetitions' slopes."""
    at = np.array(line["at"], dtype=float)
    late = at >= at[-1] / SETTLED
    each = least_squares_slopes(at[late], np.log(np.array(line[term])[:, late]))
    means = redraw([each], settings.resamples, random)[:, 0]
    edges = np.quantile(means, [(1 - settings.confidence) / 2, (1 + settings.confidence) / 2])
    slope = Interval(float(means[0]), float(edges[0]), float(edges[1]))
    ends = {"from": at[late][0], "to": at[-1]}
    row = {"bound": 1.0, **ends, **_columns("slope", slope), **_columns("plain", slope)}
    return row | {"finding": _judge(slope, 1.0)}


def _columns(name: str, interval: Interval) -> dict[str, float]:
    prefix = "" if name == "slope" else f"{name}_"
    return {name: interval.value, f"{prefix}low": interval.low, f"{prefix}high": interval.high}


def _bound(against: str, lines: list[Line], x: Array) -> float | None:
    if against == "m":
        return -0.25
    if against == "local_steps":
        return None
    return float(least_squares_slopes(x, np.log([line["bound_second"] for line in lines])))


def _judge(slope: Interval, bound: float | None) -> str:
    trend = "falls" if slope.high < 0 else "grows" if slope.low > 0 else "no clear trend"
    if bound is None:
        return f"{trend}; the theorem has one local step"
    if (slope.low > 0 and bound < 0) or (slope.high < 0 and bound > 0):
        return f"{trend}: opposite to the bound"
    if slope.low <= bound <= slope.high:
        return f"{trend}: as the bound"
    return f"{trend}: {'more steeply' if abs(slope.value) > abs(bound) else 'less'} than the bound"


def _judge_law(against: str, law: FloorLaw, bound: float | None) -> str:
    assert law.slope is not None
    slope = law.slope
    judged = "as the bound"
    if bound is not None and slope.high < bound:
        judged = "faster than the bound"
    elif bound is not None and slope.low > bound:
        judged = "more slowly than the bound"
    if slope.high == 0 or slope.low < -4:
        judged = f"at a rate that {'widths' if against == 'm' else 'workers'} here do not determine"
    if law.floor.low <= 0:
        return f"falls {judged}; no floor is seen"
    return f"falls {judged} to a floor"


REASONS = {
    "walk": "the noise of masks in subnetworks' outputs, of order kappa^2 at any width, adds up",
    "idle": "filters are left out at random, at any width; the bound has no such term",
    "common": "independent masks give all filters a common noise at any width",
    "own": "what noise filters have of their own does not quite average out of outputs",
    "pull": "every filter is pulled towards small outputs, as (1 - xi) theta and 1/m",
}


def _reason(against: str, term: str, lines: list[Line], finding: str) -> str:
    """Return the largest cause, by our derivation, of a floor or of a trend against the bound."""
    opposite, floored = "opposite" in finding, against == "m" and "to a floor" in finding
    if not opposite and not floored:
        return ""
    causes = {
        cause: max(line[f"predicted_{term}"][cause] for line in lines)
        for cause in lines[0][f"predicted_{term}"]
    }
    if floored:
        causes = {cause: value for cause, value in causes.items() if cause not in FINITE}
    if not causes:
        return "; none is predicted"
    cause = max(causes, key=lambda name: causes[name])
    return f"; {REASONS[cause]}" if causes[cause] > 0 else "; none is predicted"
