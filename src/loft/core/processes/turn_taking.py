"""Run the workers of a job as threads of one process, one computing at a time.

This serves machines with fewer devices than workers. A worker computes until it waits for another
one, so the device holds the networks of all workers but the activations of only one. Messages and
byte counts are the same as between processes. Results have the same bits with up to two workers;
with more, a ring all-reduce adds up in another order.
"""

import contextvars
import json
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch
from torch import Tensor

from loft.core.errors import JobError
from loft.core.processes.signals import ending_signals
from loft.core.processes.workers import ProcessWorker, Workers

THREAD_WORKER: contextvars.ContextVar["ThreadWorker"] = contextvars.ContextVar("worker")


class AbandonedError(Exception):
    """Another worker failed."""


class Turns:
    """The state that the threads share: whose turn it is, messages under way, stop requests."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked: int | None = None  # the signal that asked to stop
        self.handles_signals = False  # whether the workers handle such a signal
        self._changed = threading.Condition()
        self._busy = False
        self._failed = False
        self._mail: dict[tuple[int, int], deque[Tensor]] = {}
        self._given: list[dict[int, Any]] = [{}]  # by number of the gathering, then by rank

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other worker computes, then compute. An exception ends the others too."""
        self.wait(lambda: True, first=True)
        try:
            yield
        except BaseException:
            self._failed = True
            raise
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def wait(self, ready: Callable[[], bool], first: bool = False) -> None:
        """Let others compute until `ready()`. Raises AbandonedError where another one failed."""
        with self._changed:
            if not first:
                self._busy = False
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._failed or (not self._busy and ready()))
            if self._failed:
                raise AbandonedError
            self._busy = True

    def post(self, source: int, to: int, tensor: Tensor) -> None:
        self._mail.setdefault((source, to), deque()).append(tensor)

    def fetch(self, source: int, to: int) -> Tensor:
        mail = self._mail.setdefault((source, to), deque())
        self.wait(lambda: bool(mail))
        return mail.popleft()

    def gather(self, rank: int, gathering: int, given: Any) -> list[Any]:
        """Return what all workers gave to the gathering of that number, in order of rank."""
        while len(self._given) <= gathering:
            self._given.append({})
        gathered = self._given[gathering]
        gathered[rank] = given
        if gathering > 1:
            self._given[gathering - 2].clear()  # all have left it: they are at the next one
        self.wait(lambda: len(gathered) == self.size)
        return [gathered[other] for other in range(self.size)]


class ThreadWorker(Workers):
    """The connection of one worker, a thread, to the others."""

    def __init__(self, turns: Turns, rank: int, device: str) -> None:
        self.rank, self.size, self.device, self.sent = rank, turns.size, device, 0
        self._turns, self._gatherings = turns, 0

    @property
    def asked(self) -> int | None:
        return self._turns.asked

    def note_signals(self) -> None:
        self._turns.handles_signals = True

    def close(self) -> None:
        """Do nothing: threads have no connections to close."""

    def send(self, tensor: Tensor, to: int) -> None:
        self.count(tensor)
        self._turns.post(self.rank, to, tensor.clone())

    def receive(self, elements: int, source: int) -> Tensor:
        return self._turns.fetch(source, self.rank)

    def average(self, tensor: Tensor) -> Tensor:
        self.count_average(tensor)
        total, *others = self._gather(tensor.clone())
        total = total.clone()
        for other in others:
            total += other
        return tensor.copy_(total.div_(self.size))

    def gather(self, tensor: Tensor) -> list[Tensor]:
        self.count_gather(tensor)
        return self._gather(tensor.clone())

    def exchange(self, report: dict[str, Any]) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self._gather(json.dumps(report))]

    def share(self, given: Any) -> list[Any]:
        """Return the objects that all workers gave, not copies, once all have called."""
        return self._gather(given)

    def _gather(self, given: Any) -> list[Any]:
        self._gatherings += 1
        return self._turns.gather(self.rank, self._gatherings, given)


def describe_placement(workers: Workers) -> str:
    """Return one line that says on which device a job computes, and why."""
    many = f"{workers.size} workers" if workers.size > 1 else "one worker"
    if isinstance(workers, ThreadWorker):
        where = "the CPU" if workers.device == "cpu" else f"one GPU ({workers.device})"
        why = "as asked" if workers.device == "cpu" else "there is not one for each"
        return f"{many} take turns on {where}: {why}"
    if workers.device == "cpu":
        return f"{many} on the CPU: torch sees no GPU"
    return f"{many}, each on a GPU of its own ({workers.device})"


def join_workers() -> Workers:
    """Return this worker's connection to the others, which are threads or processes."""
    worker = THREAD_WORKER.get(None)
    return ProcessWorker() if worker is None else worker


def take_turns(work: Callable[..., None], arguments: tuple[Any, ...], workers: int) -> None:
    """Run `work(*arguments)` in `workers` threads, of which one computes at a time.

    Raises:
        JobError: a signal asked to stop before the workers handle signals.
        Exception: the exception of the first worker that failed.
    """
    turns = Turns(workers)
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    errors: list[BaseException] = []

    def run(rank: int) -> None:
        THREAD_WORKER.set(ThreadWorker(turns, rank, device))
        try:
            with turns.turn():
                work(*arguments)
        except AbandonedError:
            pass
        except BaseException as error:  # raised again below
            errors.append(error)

    def ask(number: int, _: FrameType | None) -> None:
        if not turns.handles_signals:
            raise JobError(f"stopped by {signal.Signals(number).name}; start again to go on")
        turns.asked = number

    before = {number: signal.signal(number, ask) for number in ending_signals()}
    threads = [threading.Thread(target=run, args=(rank,), daemon=True) for rank in range(workers)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if errors:
        raise errors[0]
