"""Simulate SODA as a deterministic sequence of events; workers' speeds are drawn from a seed.

An event is the master's message to a worker, the worker's two products with its samples, and its
message back. It takes

    2 latency + (bytes down + bytes up) / bandwidth + 2 compute * stored numbers * slowness

seconds. A worker's result does not depend on other events, so it is computed when the event starts
and delivered when the event ends.
"""

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from loft.core.errors import UserError
from loft.core.seeding import stream
from loft.soda.algorithm import MaskSampler, Master, Worker
from loft.soda.convergence import Monitor
from loft.soda.logistic import Logistic, Matrix, Vector, split
from loft.soda.settings import NetworkSettings
from loft.soda.theory import largest_step


@dataclass(frozen=True)
class Team:
    """The parameters that the master and all workers share.

    Attributes:
        losses: the loss of each worker's samples.
        step: gamma.
        lambda_1: the l1 penalty.
        p: the probability that a mask holds an entry outside the support.
        seed, repetition: seed the masks.
    """

    losses: list[Logistic]
    step: float
    lambda_1: float
    p: float
    seed: int
    repetition: int = 0

    @property
    def features(self) -> int:
        return self.losses[0].features

    def master(self, start: Vector) -> Master:
        samples = np.array([loss.samples for loss in self.losses], dtype=np.float64)
        return Master(start, samples / samples.sum(), self.step * self.lambda_1)

    def worker(self, number: int, start: Vector, attempt: int = 0) -> Worker:
        random = stream("mask", self.seed, self.repetition, number, attempt)
        mask = MaskSampler(self.p, self.features, random)
        return Worker(self.losses[number], self.step, mask, start)


def deal(signed: Matrix, lambda_2: float, workers: int, seed: int) -> list[Logistic]:
    """Split the samples among workers at random. Raises UserError if there are too few."""
    if workers > signed.shape[0]:
        raise UserError(
            f"soda.workers: found {workers}; expected at most the samples, {signed.shape[0]}"
        )
    parts = split(signed, workers, stream("samples", seed))
    return [Logistic(part, lambda_2) for part in parts]


def checked_step(gamma: float | None, losses: list[Logistic], name: str) -> float:
    """Return gamma, or the largest step if it is None. Raises UserError if it is too large."""
    largest = largest_step(losses)
    if gamma is not None and gamma > largest:
        raise UserError(
            f"soda.problems: gamma of {name}: found {gamma:g}; expected at most"
            f" 2 / (mu + max L_i) = {largest:.6g}"
        )
    return largest if gamma is None else gamma


class Arrivals(Protocol):
    """Decides which worker's message reaches the master next, and when."""

    now: float

    def start(self, worker: int, transferred: int) -> None:
        """Start an event of a worker now, with this number of bytes in both messages."""
        ...

    def next(self) -> int: ...


class Clock:
    """Arrivals in the order of simulated time, in seconds."""

    def __init__(
        self, network: NetworkSettings, losses: list[Logistic], random: np.random.Generator
    ) -> None:
        self._network = network
        slowness = np.exp(random.uniform(0, math.log(network.spread), len(losses)))
        numbers = np.array([2 * loss.stored for loss in losses])
        self._computing = (network.compute * numbers * slowness).tolist()
        self._ahead: list[tuple[float, int]] = []
        self.now = 0.0

    def start(self, worker: int, transferred: int) -> None:
        network = self._network
        moving = 2 * network.latency + transferred / network.bandwidth
        heapq.heappush(self._ahead, (self.now + moving + self._computing[worker], worker))

    def next(self) -> int:
        self.now, worker = heapq.heappop(self._ahead)
        return worker

    def forget(self) -> None:
        """Drop all messages that have not arrived."""
        self._ahead.clear()


class Replay:
    """Arrivals in a given order; the time is the number of the moment."""

    def __init__(self, order: Iterable[int]) -> None:
        self._order: Iterator[int] = iter(order)
        self.now = 0.0

    def start(self, worker: int, transferred: int) -> None:
        pass

    def next(self) -> int:
        self.now += 1
        return next(self._order)


def run(
    team: Team, arrivals: Arrivals, monitor: Monitor, start: Vector, attempt: int = 0
) -> Master:
    """Run Algorithm 1 from the average `start` until the monitor ends it."""
    master = team.master(start)
    workers = [team.worker(number, start, attempt) for number in range(len(team.losses))]
    pending = []
    for number, worker in enumerate(workers):
        down = monitor.count_answer(master)
        pending.append(worker.update(master.w, master.support))
        arrivals.start(number, down + pending[-1].bytes)
    while monitor.outcome is None:
        number = arrivals.next()
        master.receive(number, pending[number])
        monitor.count_message(number, pending[number], master, arrivals.now)
        if monitor.outcome is not None:
            break
        down = monitor.count_answer(master)
        pending[number] = workers[number].update(master.w, master.support)
        arrivals.start(number, down + pending[number].bytes)
    return master


def run_with_restarts(team: Team, clock: Clock, monitor: Monitor, start: Vector) -> int:
    """Run Algorithm 1, with restarts as in section 4; return the number of restarts.

    When the objective keeps rising for as long as the monitor's patience, the run starts again from
    the best average, with new masks.
    """
    restarts = 0
    run(team, clock, monitor, start)
    while monitor.outcome == "stalled":
        restarts += 1
        assert monitor.best is not None  # the first measurement sets it
        monitor.start_anew()
        clock.forget()
        run(team, clock, monitor, monitor.best, restarts)
    return restarts
