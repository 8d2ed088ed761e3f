"""SODA as a deterministic simulation of events: workers' speeds and a network's, drawn by seed.

An event takes the master's message down, the worker's two products with its samples, and its
message up:

    2 latency + (bytes down + bytes up) / bandwidth + 2 compute * stored numbers * slowness

What a worker computes depends on nothing that happens meanwhile, so that it is computed at once and
delivered when its time has come.
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
from loft.soda.config import NetworkSettings
from loft.soda.convergence import Monitor
from loft.soda.logistic import Logistic, Matrix, Vector, split
from loft.soda.theory import largest_step


@dataclass(frozen=True)
class Team:
    """What master and workers are told before they begin.

    Attributes:
        losses: one for each worker's samples.
        step: gamma.
        lambda_1: the l1 penalty.
        p: the probability of an entry outside the support.
        seed, repetition: of the masks.
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
    """Deal the samples out to workers at random. Raises UserError where there are too few."""
    if workers > signed.shape[0]:
        raise UserError(
            f"soda.workers: found {workers}; expected at most the samples, {signed.shape[0]}"
        )
    parts = split(signed, workers, stream("samples", seed))
    return [Logistic(part, lambda_2) for part in parts]


def checked_step(gamma: float | None, losses: list[Logistic], name: str) -> float:
    """Return the step, the largest where it is None. Raises UserError where it is too large."""
    largest = largest_step(losses)
    if gamma is not None and gamma > largest:
        raise UserError(
            f"soda.problems: gamma of {name}: found {gamma:g}; expected at most"
            f" 2 / (mu + max L_i) = {largest:.6g}"
        )
    return largest if gamma is None else gamma


class Arrivals(Protocol):
    """Says which worker's message reaches the master next, and when."""

    now: float

    def start(self, worker: int, transferred: int) -> None:
        """A worker begins an event now, in which so many bytes go down and up."""
        ...

    def next(self) -> int: ...


class Clock:
    """Arrivals by simulated time, in seconds."""

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
        """Drop the messages under way."""
        self._ahead.clear()


class Replay:
    """Arrivals in a given order; the time is the moment's number."""

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
    """Run Algorithm 1 from the average `start` until the monitor says that it ends."""
    master = team.master(start)
    workers = [team.worker(number, start, attempt) for number in range(len(team.losses))]
    pending = []
    for number, worker in enumerate(workers):
        down = monitor.answered(master)
        pending.append(worker.update(master.w, master.support))
        arrivals.start(number, down + pending[-1].bytes)
    while monitor.outcome is None:
        number = arrivals.next()
        master.receive(number, pending[number])
        monitor.heard(number, pending[number], master, arrivals.now)
        if monitor.outcome is not None:
            break
        down = monitor.answered(master)
        pending[number] = workers[number].update(master.w, master.support)
        arrivals.start(number, down + pending[number].bytes)
    return master


def run_with_restarts(team: Team, clock: Clock, monitor: Monitor, start: Vector) -> int:
    """Run, starting anew from the best average with new masks whenever the objective keeps rising.

    That is the rule of section 4; how long it must rise is the monitor's patience. Return how often
    it started anew.
    """
    restarts = 0
    run(team, clock, monitor, start)
    while monitor.outcome == "stalled":
        restarts += 1
        assert monitor.best is not None  # there is a measurement before any rise
        monitor.start_anew()
        clock.forget()
        run(team, clock, monitor, monitor.best, restarts)
    return restarts
