"""A step of training captured once and replayed: on a GPU, in one call instead of hundreds.

Python takes longer to start a network's kernels, one by one, than a GPU takes to run them. A CUDA
graph starts them all at once. It repeats them on the memory of the capture, so all that a step
reads and writes keeps its place: weights, momentum, BatchNorm's statistics and the sums of what was
seen are written in place, and what a step is given is copied to where the captured step reads it.
"""

import weakref
from collections.abc import Callable
from functools import cache
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from loft.core.processes.progress import say
from loft.core.settings.shared import Captured

WARM = 3  # steps before a capture, in which libraries choose kernels and take their working memory

Work = Callable[..., None]  # of tensors


class Recording(Protocol):
    """Work that was captured."""

    def replay(self) -> None:
        """Do it again, on the same memory."""


class Recorder(Protocol):
    """A device that captures work; in tests a stand-in for one."""

    def warm(self, work: Callable[[], None]) -> None:
        """Do work as a capture would, without one."""

    def record(self, work: Callable[[], None]) -> Recording:
        """Capture work, which is not done. Raises RuntimeError where it cannot be captured."""


def recorder(captured: Captured, device: str) -> Recorder | None:
    """Return what captures steps on a device, or None where they are taken as they come.

    Args:
        captured: as `compute.captured` says.
        device: such as "cpu" or "cuda:0".
    """
    if captured is False:
        return None
    if device.startswith("cuda"):
        return Gpu()
    if captured is True:
        say(f"compute.captured: {device} captures no steps; they are taken as they come")
    return None


class Replayed:
    """Does the same work on other tensors again and again: as it comes, then captured, replayed.

    Tensors of other shapes are captured anew. Where a capture fails, work goes on without one.

    Args:
        recorder: captures it.
        forget: called after a capture that failed, to clear what it left.
    """

    def __init__(self, recorder: Recorder, forget: Callable[[], object]) -> None:
        self._recorder, self._forget = recorder, forget
        self._places: list[Tensor] = []
        self._recording: Recording | None = None
        self._ahead: int | None = WARM  # calls before the capture; None: there will be none

    def __call__(self, work: Work, *given: Tensor) -> None:
        """Do work on what is given, always the same work."""
        if [tensor.shape for tensor in given] != [place.shape for place in self._places]:
            self._places = [torch.empty_like(tensor) for tensor in given]
            self._recording = None
            self._ahead = self._ahead if self._ahead is None else WARM
        for place, tensor in zip(self._places, given, strict=True):
            place.copy_(tensor)
        if self._ahead == 0 and self._recording is None:
            self._capture(work)
        if self._recording is not None:
            self._recording.replay()
        elif self._ahead is None:
            work(*self._places)
        else:
            self._ahead -= 1
            self._recorder.warm(lambda: work(*self._places))

    def _capture(self, work: Work) -> None:
        try:
            self._recording = self._recorder.record(lambda: work(*self._places))
        except RuntimeError as error:
            self._forget()
            self._ahead = None
            cause = error.__context__ or error  # ending a failed capture fails too
            reason = f"{type(cause).__name__}: {str(cause).partition(chr(10))[0]}"
            say(f"compute.captured: steps cannot be captured and are taken as they come ({reason})")


class Gpu:
    """The current CUDA device. All captures of this process use one stream."""

    def warm(self, work: Callable[[], None]) -> None:
        """Do work on the stream of captures, for whose sake libraries take memory by stream."""
        stream, current = _stream(), torch.cuda.current_stream()
        stream.wait_stream(current)
        with torch.cuda.stream(stream):
            work()
        current.wait_stream(stream)

    def record(self, work: Callable[[], None]) -> "Graph":
        """Capture work once the device has done all else, so that no transfer is under way."""
        torch.cuda.synchronize()
        return Graph(work)


class Graph:
    """A CUDA graph.

    It writes into tensors that it does not own, so whoever keeps it keeps them too.

    Graphs of one process share the memory for what they take and leave while they are replayed:
    one is replayed at a time, and nothing is read from there afterwards.
    """

    _alive: ClassVar["weakref.WeakSet[Graph]"] = weakref.WeakSet()

    def __init__(self, work: Callable[[], None]) -> None:
        self.graph = torch.cuda.CUDAGraph()
        pool = next((other.graph.pool() for other in Graph._alive), None)
        # Only this thread is held to what a capture allows: others pin memory or watch transfers.
        mode = "thread_local"
        with torch.cuda.graph(self.graph, pool=pool, stream=_stream(), capture_error_mode=mode):
            work()
        Graph._alive.add(self)

    def replay(self) -> None:
        self.graph.replay()


@cache
def _stream() -> torch.cuda.Stream:
    return torch.cuda.Stream()  # type: ignore[no-untyped-call]
