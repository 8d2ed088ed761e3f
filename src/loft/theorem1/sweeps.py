"""List a run's trainings: the cells of its sweeps over width, workers, masks, steps and length."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loft.theorem1.masks import Kind, Masks
from loft.theorem1.settings import TrainingSettings
from loft.theorem1.side_by_side import Plan

KINDS: list[Kind] = ["partition", "bernoulli"]


@dataclass(frozen=True)
class Cell:
    """The parameters of a training, which is repeated with other seeds.

    Attributes:
        width: m.
        kappa: deviation of the first layer at the start.
        masks: distribution of LoFT's masks.
        times: eta in units of lambda_0 / n^2.
        iterations: T.
        local_steps: steps between synchronisations.
    """

    width: int
    kappa: float
    masks: Masks
    times: float
    iterations: int
    local_steps: int

    def plan(self, unit: float) -> Plan:
        """Return the parameters of the training, with `unit` = lambda_0 / n^2."""
        return Plan(self.masks, self.times * unit, self.iterations, self.local_steps)

    def describe(self) -> dict[str, Any]:
        """Return the cell's columns of tables."""
        return {
            "masks": self.masks.kind,
            "m": self.width,
            "S": self.masks.workers,
            "xi": self.masks.probability,
            "kappa": self.kappa,
            "local_steps": self.local_steps,
            "step": self.times,
            "T": self.iterations,
        }


def repetitions_of(cell: Cell, settings: TrainingSettings) -> int:
    """Return how often a cell is trained, from new starts with new masks."""
    asked = settings.repetitions
    return max(asked.least, asked.filters // cell.width)


def list_cells(settings: TrainingSettings) -> dict[Cell, list[str]]:
    """Return every training once, with the sweeps that it belongs to: what varies in each."""
    found: dict[Cell, list[str]] = {}
    sweeps, near = settings.sweeps, settings.neighbourhood

    def add(
        sweep: str,
        kind: Kind,
        kappa: float,
        width: int = sweeps.width,
        workers: int = settings.workers,
        probability: float = settings.probability,
        times: float = settings.step,
        iterations: int = settings.iterations,
        local_steps: int = 1,
    ) -> None:
        xi = 1 / workers if kind == "partition" else probability
        masks = Masks(kind, workers, xi)
        cell = Cell(width, kappa, masks, times, iterations, local_steps)
        found.setdefault(cell, []).append(sweep)

    for kind in KINDS:
        for kappa in settings.kappas:
            for width in sweeps.widths:
                add("m", kind, kappa, width=width)
            for workers in sweeps.workers:
                add("S", kind, kappa, workers=workers)
            if kind == "bernoulli":
                for probability in sweeps.probabilities:
                    add("xi", kind, kappa, probability=probability)
            add("T", kind, kappa)
            for steps in sweeps.local_steps:
                add("local_steps", kind, kappa, local_steps=steps)
            for times in near.steps:
                for width in (sweeps.widths[0], sweeps.width):
                    iterations = max(20, round(near.iterations / times))
                    add("neighbourhood", kind, kappa, width, times=times, iterations=iterations)
    return found


def sizes(planned: Mapping[Cell, list[str]]) -> dict[str, int]:
    """Return how many trainings each sweep has, by what varies in it."""
    return dict(Counter(sweep for sweeps in planned.values() for sweep in sweeps))
