"""Measure a run at the master, simulated or in real processes, and decide when it ends.

Moment k is the k-th update at the master; an epoch is M moments. Measurements are dense at first,
when the support changes fast, and later come every `every` epochs.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from loft.soda.algorithm import INDEX, Master, Message, message_bytes, whole_is_shorter
from loft.soda.logistic import Logistic, Vector
from loft.soda.optimum import Optimum, Suboptimality
from loft.soda.stopping_times import StoppingTimes

GROWTH = 1.05  # ratio of the moments of two measurements at first
DIGITS = 6  # significant digits of written numbers

Record = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """Equation 1 with its minimiser.

    Attributes:
        loss: the loss of all samples together.
        lambda_1: the l1 penalty.
        optimum: the minimiser.
    """

    loss: Logistic
    lambda_1: float
    optimum: Optimum


@dataclass(frozen=True)
class Point:
    """One measurement. Entries and bytes are totals of all messages since the start."""

    moment: int
    epoch: float
    time: float  # seconds since the start, simulated or wall-clock
    stopping_times: int
    suboptimality: float  # relative
    distance: float  # |w - w*|^2
    support: int  # non-zero entries of w
    entries_up: int
    entries_down: int
    bytes_up: int
    bytes_down: int
    bytes_indices: int  # the part of both that is indices
    accuracy: float  # percent of the training samples that w classifies correctly


class Monitor:
    """Counts the messages of a run, measures it and decides when it ends.

    Attributes:
        points: the measurements.
        outcome: None while it runs; then "converged", "epochs" (too many) or "stalled".
    """

    def __init__(
        self,
        problem: Problem,
        workers: int,
        target: float,
        epochs: int,
        every: int,
        patience: int | None,
    ) -> None:
        """Prepare to follow a run.

        Args:
            problem: the problem that is minimised.
            workers: M.
            target: suboptimality at which the run has converged.
            epochs: the run ends after this number of epochs.
            every: most epochs between two measurements.
            patience: number of measurements in a row above the best one after which the run has
                stalled (section 4's restart rule); None means never.
        """
        self._loss, self._best_w = problem.loss, problem.optimum.w
        self._suboptimality = Suboptimality(problem.loss, problem.lambda_1, problem.optimum)
        self._final = problem.optimum.w != 0
        self._workers, self._target = workers, target
        self._most, self._every, self._patience = epochs * workers, every * workers, patience
        self._times = StoppingTimes(workers)
        self._moment = self._next = self._unlike = 0
        self._up, self._down, self._bytes_up, self._bytes_down, self._indices = 0, 0, 0, 0, 0
        self._lowest, self._worse = np.inf, 0
        self.points: list[Point] = []
        self.outcome: str | None = None
        self.best: Vector | None = None  # the average behind the best measurement

    def count_answer(self, master: Master) -> int:
        """Count the master's answer to one worker; return its size in bytes."""
        entries = int(np.count_nonzero(master.support))
        size = message_bytes(entries, len(master.w))
        self._down += entries
        if not whole_is_shorter(entries, len(master.w)):
            self._indices += INDEX * entries
        self._bytes_down += size
        return size

    def count_message(self, worker: int, message: Message, master: Master, seconds: float) -> None:
        """Count a message that the master has received; measure if it is time."""
        self._moment += 1
        self._up += message.entries
        self._bytes_up += message.bytes
        if message.indices is not None:
            self._indices += INDEX * len(message.indices)
        self._times.advance(worker)
        if not np.array_equal(master.support, self._final):
            self._unlike = self._moment
        if self._moment >= self._next:
            self._measure(master, seconds)
            grown = max(self._moment + self._workers, int(GROWTH * self._moment))
            self._next = min(grown, self._moment + self._every, self._most)

    def start_anew(self) -> None:
        """Continue after a restart, in which the master sends to all workers at once."""
        self.outcome, self._worse = None, 0

    def _measure(self, master: Master, seconds: float) -> None:
        margins = self._loss.margins(master.w)
        away = master.w - self._best_w
        point = Point(
            moment=self._moment,
            epoch=self._moment / self._workers,
            time=seconds,
            stopping_times=self._times.passed,
            suboptimality=self._suboptimality(master.w, margins),
            distance=float(away @ away),
            support=int(np.count_nonzero(master.support)),
            entries_up=self._up,
            entries_down=self._down,
            bytes_up=self._bytes_up,
            bytes_down=self._bytes_down,
            bytes_indices=self._indices,
            accuracy=self._loss.accuracy(margins),
        )
        self.points.append(point)
        if point.suboptimality <= self._target:
            self.outcome = "converged"
        elif self._moment >= self._most:
            self.outcome = "epochs"
        elif self._rising(point.suboptimality, master):
            self.outcome = "stalled"

    def _rising(self, found: float, master: Master) -> bool:
        """Return whether the objective was above its lowest value for `patience` measurements.

        Suboptimality rises exactly when the objective rises, so the rule needs no optimum.
        """
        if found < self._lowest:
            self._lowest, self._worse, self.best = found, 0, master.average.copy()
        elif found > self._lowest:
            self._worse += 1
        return self._patience is not None and self._worse >= self._patience

    def summary(self) -> Record:
        """Return the last measurement, the epoch of identification and the contraction factor."""
        last = asdict(self.points[-1])
        found = last["support"] == self._final.sum() and self._unlike < self._moment
        first = self._unlike + 1 if found else None
        return rounded(
            {
                "outcome": self.outcome,
                **last,
                "identified_epoch": None if first is None else first / self._workers,
                "contraction": None if first is None else contraction(self.points, first),
            }
        )

    def curves(self, most: int) -> dict[str, list[Any]]:
        """Return each measured quantity as a list of at most `most` values."""
        chosen = np.linspace(0, len(self.points) - 1, min(most, len(self.points))).round()
        rows = [rounded(asdict(self.points[int(i)])) for i in np.unique(chosen)]
        return {field.name: [row[field.name] for row in rows] for field in fields(Point)}


def contraction(points: list[Point], first: int) -> float | None:
    """Return the factor by which |w - w*|^2 shrinks from one stopping time to the next.

    The factor is fitted to the logarithms by least squares from moment `first` on. From
    identification on Theorem 1 promises at most 1 - alpha. None if there are too few points.
    """
    after = [point for point in points if point.moment >= first and point.distance > 0]
    times = [point.stopping_times for point in after]
    if len(set(times)) < 2:
        return None
    slope = np.polynomial.Polynomial.fit(times, np.log([p.distance for p in after]), 1).convert()
    return float(np.exp(slope.coef[1]))


def rounded(record: Record) -> Record:
    """Return a record with its floats rounded to `DIGITS` significant digits."""
    return {
        key: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
        for key, value in record.items()
    }
