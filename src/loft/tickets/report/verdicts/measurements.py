"""Collect a run's measurements of one network on one data set, for the claims."""

from collections.abc import Hashable
from dataclasses import dataclass
from statistics import mean
from typing import Any

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import Job, final_accuracy
from loft.tickets.report.tables import tickets
from loft.tickets.report.verdicts import margins
from loft.tickets.report.verdicts.printed_accuracies import RowGroup, row_groups
from loft.tickets.results.cells import UNPRUNED, Cell


@dataclass(frozen=True)
class Measurements:
    """Measurements of one network on one data set; every list is in order of seeds.

    Attributes:
        tickets: (cell, snapshot, ratio) -> accuracies of the fine-tuned ticket in percent.
        distances: cell -> each seed's mean filter distance to the last epoch, from epoch 0 on.
        parameters: cell -> most parameters that one of its workers trains.
        costs: cell -> its row of Table 1.
        dense: accuracies of the dense column in percent.
        dataset: name of the data set.
    """

    tickets: dict[tuple[str, int, float], list[float]]
    distances: dict[str, list[list[float]]]
    parameters: dict[str, int]
    costs: dict[str, dict[Hashable, Any]]
    dense: list[float]
    dataset: str

    def margin(self, rule: VerdictSettings) -> float:
        """Return the difference in points that counts as equal, beside this dense column."""
        return margins.margin(rule, mean(self.dense) if self.dense else None)

    def cells(self, *methods: str) -> list[Cell]:
        """Return the cells of these methods that were pretrained."""
        cells = [Cell.parse(name) for name in self.costs]
        return [cell for cell in cells if cell.method in methods]

    def places(self, cell: str) -> list[tuple[int, float]]:
        """Return the snapshots and ratios of a cell's fine-tuned tickets, in order."""
        return sorted((snapshot, ratio) for name, snapshot, ratio in self.tickets if name == cell)

    def last_tickets(self, cell: str) -> list[tuple[int, float]]:
        """Return snapshot and ratio of a cell's tickets of the last snapshot."""
        places = self.places(cell)
        return [place for place in places if place[0] == places[-1][0]]

    def pretraining_distances(self) -> dict[str, list[list[float]]]:
        """Return the distances of all cells without the dense column, which trains longer."""
        return {cell: seeds for cell, seeds in self.distances.items() if cell != UNPRUNED}

    def pairs(self, method: str, *baselines: str) -> list[tuple[str, str]]:
        """Return pairs of a method's cell and a baseline's cell with as many workers."""
        return [
            (cell.name, base.name)
            for cell in self.cells(method)
            for base in self.cells(*baselines)
            if base.workers == cell.workers
        ]


def collect(jobs: list[Job], table1: pd.DataFrame) -> dict[RowGroup, Measurements]:
    """Return the measurements of each network and data set, from all jobs and Table 1."""
    rows = table1.to_dict("records")
    lines = [line for job in jobs for line in job]
    found = {}
    for group, own in row_groups(jobs).items():
        mine = [row for row in rows if (row["model"], row["dataset"]) == group]
        costs = {Cell(row["method"], row["workers"]).name: row for row in mine}
        distances = _distances(group, lines)
        for about in (job[0] for job in own if job[0].get("trained_by")):
            distances[about["cell"]] = distances[about["trained_by"]]
        dense = [final_accuracy(job) for job in own if job[0]["cell"] == UNPRUNED]
        found[group] = Measurements(
            _tickets(own), distances, _parameters(own), costs, dense, group.dataset
        )
    return found


def _tickets(jobs: list[Job]) -> dict[tuple[str, int, float], list[float]]:
    found: dict[tuple[str, int, float], list[float]] = {}
    for row in tickets.make(jobs).to_dict("records"):
        key = (row["cell"], row["snapshot"], row["ratio"])
        found.setdefault(key, []).append(row["test_accuracy"])
    return found


def _distances(group: RowGroup, lines: list[Line]) -> dict[str, list[list[float]]]:
    """Return the distances to the last epoch, with filters ranked by l2 norm."""
    found: dict[str, dict[int, list[float]]] = {}
    for line in lines:
        ranked = line["kind"] == "distance" and line["norm"] == "l2"
        if ranked and (line["model"], line["dataset"]) == group:
            found.setdefault(line["cell"], {})[line["seed"]] = line["mean"]
    return {cell: [seeds[seed] for seed in sorted(seeds)] for cell, seeds in found.items()}


def _parameters(jobs: list[Job]) -> dict[str, int]:
    found: dict[str, int] = {}
    for job in jobs:
        workers = [line for line in job if line["kind"] == "worker"]
        if workers and job[0]["cell"] != UNPRUNED:
            found[job[0]["cell"]] = max(line["parameters"] for line in workers)
    return found
