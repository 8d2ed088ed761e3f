"""A job's workers in one process, each a thread, taking turns: for fewer devices than workers.

One computes at a time, until it waits for another; so one device holds every worker's network but
the activations of one alone. What they send and how it is counted are as between processes, and
so are the results, to the bit where no more than two are averaged in a ring: of more, a ring adds
up in another order.
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

THREAD_WORKER: contextvars.ContextVar["ThreadWorker"] = contextvars.ContextVar("seat")


class AbandonedError(Exception):
    """Another worker failed."""


class Turns:
    """What the workers share: whose turn it is, what is under way, who asked to stop."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked: int | None = None  # the signal that asked to stop
        self.heeded = False  # whether workers want to know of one
        self._changed = threading.Condition()
        self._busy = False
        self._failed = False
        self._mail: dict[tuple[int, int], deque[Tensor]] = {}
        self._given: list[dict[int, Any]] = [{}]  # by meeting, then by rank

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Compute, once no one else does. An exception ends the others too."""
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
        """Let others compute until it is `ready`. Raises AbandonedError where one failed."""
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

    def gather(self, rank: int, meeting: int, thing: Any) -> list[Any]:
        """Return what every worker gave to their meeting of that number, in order of rank."""
        while len(self._given) <= meeting:
            self._given.append({})
        given = self._given[meeting]
        given[rank] = thing
        if meeting > 1:
            self._given[meeting - 2].clear()  # all have left it, being at the one after
        self.wait(lambda: len(given) == self.size)
        return [given[other] for other in range(self.size)]


class ThreadWorker(Workers):
    """One worker's view of the others at the table."""

    def __init__(self, table: Turns, rank: int, device: str) -> None:
        self.rank, self.size, self.device, self.sent = rank, table.size, device, 0
        self._table, self._meetings = table, 0

    @property
    def asked(self) -> int | None:
        return self._table.asked

    def note_signals(self) -> None:
        self._table.heeded = True

    def close(self) -> None:
        """There is nothing to leave."""

    def send(self, tensor: Tensor, to: int) -> None:
        self.count(tensor)
        self._table.post(self.rank, to, tensor.clone())

    def receive(self, elements: int, source: int) -> Tensor:
        return self._table.fetch(source, self.rank)

    def average(self, tensor: Tensor) -> Tensor:
        self.count_average(tensor)
        total, *others = self._meet(tensor.clone())
        total = total.clone()
        for other in others:
            total += other
        return tensor.copy_(total.div_(self.size))

    def exchange(self, report: dict[str, Any]) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self._meet(json.dumps(report))]

    def share(self, thing: Any) -> list[Any]:
        """Return what every worker shares, the things themselves, once all are here."""
        return self._meet(thing)

    def _meet(self, thing: Any) -> list[Any]:
        self._meetings += 1
        return self._table.gather(self.rank, self._meetings, thing)


def describe_placement(workers: Workers) -> str:
    """Say in one line on which device a job computes, and why."""
    many = f"{workers.size} workers" if workers.size > 1 else "one worker"
    if isinstance(workers, ThreadWorker):
        where = "the CPU" if workers.device == "cpu" else f"one GPU ({workers.device})"
        why = "as asked" if workers.device == "cpu" else "there is not one for each"
        return f"{many} take turns on {where}: {why}"
    if workers.device == "cpu":
        return f"{many} on the CPU: torch sees no GPU"
    return f"{many}, each on a GPU of its own ({workers.device})"


def join_workers() -> Workers:
    """Return this worker's view of the others: of threads in turns, else of processes."""
    seat = THREAD_WORKER.get(None)
    return ProcessWorker() if seat is None else seat


def take_turns(work: Callable[..., None], arguments: tuple[Any, ...], workers: int) -> None:
    """Run `work(*arguments)` in each of `workers` threads, of which one computes at a time.

    Raises:
        JobError: a signal asked to stop before the workers wanted to know of one.
        Exception: what the first worker to fail raised.
    """
    table = Turns(workers)
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    errors: list[BaseException] = []

    def sit(rank: int) -> None:
        THREAD_WORKER.set(ThreadWorker(table, rank, device))
        try:
            with table.turn():
                work(*arguments)
        except AbandonedError:
            pass
        except BaseException as error:  # raised again below
            errors.append(error)

    def ask(number: int, _: FrameType | None) -> None:
        if not table.heeded:
            raise JobError(f"stopped by {signal.Signals(number).name}; start again to go on")
        table.asked = number

    before = {number: signal.signal(number, ask) for number in ending_signals()}
    threads = [threading.Thread(target=sit, args=(rank,), daemon=True) for rank in range(workers)]
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
