"""List the parts of a run that a budget can choose from, and what each part answers.

A choice is a run itself. It has some of the networks, cells, controls and seeds, with or without
the tickets of early snapshots. Dense pretraining and the dense column belong to every choice. A
baseline is chosen only together with a cell that is compared with it.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from loft.core.settings.schema import validate
from loft.tickets.planning.planner import Planner
from loft.tickets.report.verdicts.printed_accuracies import BASELINES
from loft.tickets.results.cells import DENSE, Cell
from loft.tickets.run.run import Run

DOUBLED = ("loft", "local_sgd")  # methods of which a claim compares 4 workers with 2
PIPELINE = "gpipe"  # method whose early tickets are compared with LoFT's (Figure 5)


class Answers(NamedTuple):
    """Numbers of comparisons that a choice makes, the most important first."""

    comparisons: int
    repeated: int  # comparisons times seeds
    beside: int
    rows: int


class Choice(NamedTuple):
    """A part of a run.

    Attributes:
        models, cells, controls: names of those chosen.
        seeds: number of seeds, the first ones of the run.
        early: whether tickets of early snapshots are fine-tuned.
        seconds: device time.
        answers: numbers of comparisons.
    """

    models: frozenset[str]
    cells: frozenset[str]
    controls: frozenset[str]
    seeds: int
    early: bool
    seconds: float
    answers: Answers

    def has(self, other: "Choice") -> bool:
        """Return whether this choice contains all of another one."""
        return (
            other.models <= self.models
            and other.cells <= self.cells
            and other.controls <= self.controls
            and other.seeds <= self.seeds
            and other.early <= self.early
        )


def list_choices(planner: Planner, run: Run) -> list[Choice]:
    """Return the parts of a run that make a comparison; if none does, all its parts."""
    names = frozenset(str(model.name) for model in run.models)
    early = [False, True] if run.finetune.early.ratios else [False]
    found = []
    for cells, controls, is_early in itertools.product(_cells(run), _subsets(run.controls), early):
        part = Choice(names, cells, controls, 1, is_early, 0, Answers(0, 0, 0, 0))
        own = chosen(run, part)
        needs = {str(model.name): planner.device_seconds(own, model) for model in own.models}
        single = answered(own)
        for models, seeds in itertools.product(_subsets(names)[1:], range(1, len(run.seeds) + 1)):
            seconds = seeds * sum(needs[name] for name in sorted(models))
            first, *others = (count * len(models) for count in single)
            answers = Answers(first, *(count * seeds for count in others))
            found.append(
                part._replace(models=models, seeds=seeds, seconds=seconds, answers=answers)
            )
    return [choice for choice in found if choice.answers.comparisons] or found


def _subsets(names: Iterable[str]) -> list[frozenset[str]]:
    """Return all subsets, the smallest first."""
    all_names = sorted(names)
    sizes = range(len(all_names) + 1)
    return [frozenset(some) for n in sizes for some in itertools.combinations(all_names, n)]


def _cells(run: Run) -> Iterator[frozenset[str]]:
    """Yield the sets of cells that a choice can have."""
    distributed = [cell for cell in run.cells if cell.name != DENSE]
    for names in _subsets(cell.name for cell in distributed):
        some = [cell for cell in distributed if cell.name in names]
        if all(
            _cells_compared_with(cell, some)
            for cell in some
            if _cells_compared_with(cell, distributed)
        ):
            yield names | {DENSE}


def _cells_compared_with(base: Cell, cells: Iterable[Cell]) -> int:
    """Count the cells that `base` is a baseline of: LoFT's cells with as many workers."""
    return sum(
        base.method in BASELINES.get(cell.method, ()) and base.workers == cell.workers
        for cell in cells
    )


def answered(run: Run) -> Answers:
    """Return the comparisons that one seed of a run makes on each of its networks."""
    cells, ratios = run.cells, len(run.prune.ratios)
    pairs = sum(_cells_compared_with(cell, cells) for cell in cells)
    doubled = sum({Cell(method, 2), Cell(method, 4)} <= {*cells} for method in DOUBLED)
    comparisons = ratios * (pairs + doubled)
    beside = ratios * len(run.controls) + _figure5(run)
    tickets = sum(len(run.tickets(cell)) for cell in run.trained)
    return Answers(comparisons, comparisons, beside, len(cells) + len(run.controls) + tickets)


def _figure5(run: Run) -> int:
    """Count LoFT's early tickets for which GPipe has one of the same snapshot and ratio."""

    def early(cell: Cell) -> set[tuple[int, float]]:
        tickets = run.tickets(run.trainer(cell.name))
        return {(t.snapshot, t.ratio) for t in tickets if t.snapshot < run.pretrain.epochs}

    baseline: set[tuple[int, float]] = set()
    for cell in run.cells:
        if cell.method == PIPELINE:
            baseline |= early(cell)
    return sum(len(early(cell) & baseline) for cell in run.cells if cell.method in BASELINES)


def changes(run: Run, choice: Choice) -> dict[str, Any]:
    """Return the keys of a params file that a choice changes, with their new values."""
    models = [model for model in run.models if model.name in choice.models]
    workers: dict[str, list[int]] = {cell.method: [] for cell in run.cells}
    for cell in run.cells:
        if cell.name in choice.cells:
            workers[cell.method].append(cell.workers)
    methods = {m: {"workers": some} if some else None for m, some in workers.items()}
    early = run.finetune.early
    wanted: dict[str, Any] = {
        "seeds": run.seeds[: choice.seeds],
        "models": [model.model_dump() for model in models],
        "methods": methods,
        "controls": [control for control in run.controls if control in choice.controls],
        "finetune": {
            "early": {
                "cells": [cell for cell in early.cells if cell in choice.cells],
                "ratios": early.ratios if choice.early else [],
            }
        },
    }
    return _difference(run.model_dump(), wanted)


def _difference(values: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the part of `wanted` that differs from `values`."""
    found = {}
    for key, value in wanted.items():
        new = _difference(values[key], value) if isinstance(value, dict) else value
        if new != ({} if isinstance(value, dict) else values[key]):
            found[key] = new
    return found


def chosen(run: Run, choice: Choice) -> Run:
    """Return the run of a choice alone."""
    return validate(type(run), _merged(run.model_dump(), changes(run, choice)), "budget")


def _merged(values: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return values replaced by new ones; sections are merged, as Snakemake merges files."""
    found = dict(values)
    for key, value in new.items():
        found[key] = _merged(found[key], value) if isinstance(value, dict) else value
    return found
