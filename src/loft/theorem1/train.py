"""Train every cell of a run on one kind of data, and write the measurements as JSON lines.

A line of kind "data" describes the training data, "cell" holds a cell's measurements at the end of
its repetitions, and "curve" its measurements at all checkpoints.
"""

from pathlib import Path
from typing import Any

import numpy as np

from loft.core.reporting.metrics import Journal
from loft.core.seeding import stream
from loft.core.settings.lookup import load
from loft.theorem1 import bound
from loft.theorem1.job import Theorem1Job
from loft.theorem1.kernel import Kernel, infinite_width_kernel, moments
from loft.theorem1.network import Array, Problem, Start
from loft.theorem1.prediction import finite_width, floors, neighbourhood
from loft.theorem1.settings import TrainingSettings
from loft.theorem1.side_by_side import MEASURED, Trajectories, train
from loft.theorem1.sources import SOURCES, given
from loft.theorem1.sweeps import Cell, list_cells, repetitions_of, sizes

TOGETHER = 4096  # filters trained at once; more would not fit in a core's cache
DIGITS = 6  # significant digits of measured numbers
POINTS = 24  # checkpoints of a curve in equal steps, and as many in equal ratios


def run(job: Theorem1Job, images: Path | None, metrics: Path) -> None:
    """Train and measure all cells.

    Args:
        job: the settings of the trainings.
        images: file of `loft data`, if the job trains on images.
        metrics: file of JSON lines to write.
    """
    settings = job.training
    (source,) = given(settings)
    problem = load(SOURCES[source])(getattr(settings, source), settings.seed, images)
    kernel = infinite_width_kernel(problem)
    planned = list_cells(settings)
    journal = Journal({"step": "theorem1", "source": source, "cells": sizes(planned)})
    journal.add("data", **_describe(settings, problem, kernel))
    for cell, sweeps in planned.items():
        _measure(settings, problem, kernel, cell, sweeps, journal)
    journal.write(metrics)


def _describe(settings: TrainingSettings, problem: Problem, kernel: Kernel) -> dict[str, Any]:
    samples, pixels, length = problem.patches.shape
    return {
        "n": samples,
        "p": pixels,
        "d": length,
        "lambda_0": _short(kernel.smallest_eigenvalue),
        "lambda_max": _short(kernel.largest_eigenvalue),
        "eta": _short(settings.step * bound.unit_step(problem, kernel)),
        "T": settings.iterations,
        "stable_step": _short(_stable(settings, problem, kernel)),
        "failure": settings.failure,
        "least_m": _short(
            bound.least_width(problem, kernel, settings.iterations, settings.failure)
        ),
    }


def _stable(settings: TrainingSettings, problem: Problem, kernel: Kernel) -> float:
    """Return the largest stable step of the sweep over widths, in units of lambda_0 / n^2."""
    unit = bound.unit_step(problem, kernel)
    limits = [
        bound.largest_step(kernel, cell.plan(unit))
        for cell, sweeps in list_cells(settings).items()
        if "m" in sweeps
    ]
    return min(limits) / unit


def _measure(
    settings: TrainingSettings,
    problem: Problem,
    kernel: Kernel,
    cell: Cell,
    sweeps: list[str],
    journal: Journal,
) -> None:
    """Train all repetitions of a cell and write its lines."""
    plan = cell.plan(bound.unit_step(problem, kernel))
    drawn = "T" in sweeps
    checkpoints = _checkpoints(cell.iterations) if drawn else [0, cell.iterations]
    repetitions = repetitions_of(cell, settings)
    dealt = cell.masks.kind == "partition"
    parts, pulls, left = [], [], []
    for first in range(0, repetitions, max(1, TOGETHER // cell.width)):
        count = min(max(1, TOGETHER // cell.width), repetitions - first)
        seeds = [(settings.seed, index) for index in range(first, first + count)]
        start = Start.draw(problem, cell.width, cell.kappa, seeds)
        random = _mask_stream(settings.seed, cell, first)
        parts.append(train(problem, start, plan, random, checkpoints))
        before = moments(problem, start.weights, start.second, dealt)
        after = moments(problem, parts[-1].ends, start.second, dealt)
        pulls += [finite_width(*ends, plan) for ends in zip(before, after, strict=True)]
        left += [neighbourhood(one, plan) for one in after]
    predicted = floors(problem, kernel, cell.kappa, plan)
    for term, causes in enumerate(predicted):
        for cause in pulls[0][term]:
            causes[cause] = float(np.mean([pull[term][cause] for pull in pulls]))
    limit = bound.bound(problem, kernel, cell.width, cell.kappa, plan, settings.failure)
    journal.add(
        "cell",
        sweeps=sweeps,
        **cell.describe(),
        repetitions=repetitions,
        **{name: _numbers(_joined(parts, name)[:, -1]) for name in MEASURED},
        loss_start=_short(_joined(parts, "descent_loss")[:, 0].mean()),
        tail=_numbers(np.concatenate([part.tail for part in parts])),
        **{
            f"predicted_{term}": {cause: _short(value) for cause, value in causes.items()}
            for term, causes in zip(("weights", "outputs"), predicted, strict=True)
        },
        neighbourhood=_short(np.mean(left)),
        bound_first=_short(limit.first),
        bound_second=_short(limit.second),
    )
    if drawn:
        _add_curves(journal, cell, parts, bound.rate(kernel, plan))


def _add_curves(journal: Journal, cell: Cell, parts: list[Trajectories], rate: float) -> None:
    journal.add(
        "curve",
        **cell.describe(),
        rate=rate,
        at=parts[0].at.tolist(),
        **{
            name: [_numbers(row) for row in _joined(parts, name)] for name in ("weights", "outputs")
        },
        **{name: _numbers(_joined(parts, name).mean(0)) for name in ("loft_loss", "descent_loss")},
    )


def _joined(parts: list[Trajectories], name: str) -> Array:
    """Return one quantity of all repetitions, (repetitions, checkpoints)."""
    return np.concatenate([getattr(part, name) for part in parts])


def _checkpoints(iterations: int) -> list[int]:
    even = np.linspace(0, iterations, POINTS + 1)
    ratios = np.geomspace(1, iterations, POINTS)
    return sorted({round(float(value)) for value in (*even, *ratios)})


def _mask_stream(seed: int, cell: Cell, first: int) -> np.random.Generator:
    """Return the stream of the masks, which does not depend on kappa, step and length."""
    masks = cell.masks
    kind = 0 if masks.kind == "partition" else round(masks.probability * 2**20)
    return stream("theorem1-masks", seed, kind, masks.workers, cell.width, cell.local_steps, first)


def _short(value: float | np.floating[Any]) -> float:
    return float(f"{float(value):.{DIGITS}g}")


def _numbers(values: Array) -> list[float]:
    return [_short(value) for value in values]
