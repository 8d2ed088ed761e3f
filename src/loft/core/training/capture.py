"""Capture a training step once as a CUDA graph and replay it: one call instead of hundreds.

Python needs more time to start a network's kernels one by one than a GPU needs to run them. A CUDA
graph starts them all at once. It repeats them on the memory of the capture, so every tensor that a
step reads or writes stays in place: weights, momentum, BatchNorm statistics and the sums of `Seen`
are updated in place, and the inputs of a step are copied to where the captured step reads them.
"""

import weakref
from collections.abc import Callable
from functools import cache
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from loft.core.processes.progress import say
from loft.core.settings.shared import Captured

WARM_UP = 3  # steps before a capture, in which libraries choose kernels and allocate memory

Work = Callable[..., None]  # takes tensors


class Recording(Protocol):
    """Captured work."""

    def replay(self) -> None:
        """Run the work again on the same memory."""


class Recorder(Protocol):
    """A device that captures work, or its stand-in in tests."""

    def warm(self, work: Callable[[], None]) -> None:
        """Run work in the way of a capture, without capturing it."""

    def record(self, work: Callable[[], None]) -> Recording:
        """Capture work without running it. Raises RuntimeError where it cannot be captured."""


def recorder(captured: Captured, device: str) -> Recorder | None:
    """Return the recorder that captures steps on a device, or None where steps are not captured.

    Args:
        captured: value of `compute.captured`.
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
    """Runs the same work on new tensors: directly at first, then captured and replayed.

    Tensors of other shapes cause a new capture. Where a capture fails, work runs directly.

    Args:
        recorder: captures the work.
        forget: called after a failed capture, to remove what it left.
    """

    def __init__(self, recorder: Recorder, forget: Callable[[], object]) -> None:
        self._recorder, self._forget = recorder, forget
        self._places: list[Tensor] = []
        self._recording: Recording | None = None
        self._ahead: int | None = WARM_UP  # calls before the capture; None means no capture

    def __call__(self, work: Work, *given: Tensor) -> None:
        """Run work, which must always be the same, on the given tensors."""
        if [tensor.shape for tensor in given] != [place.shape for place in self._places]:
            self._places = [torch.empty_like(tensor) for tensor in given]
            self._recording = None
            self._ahead = self._ahead if self._ahead is None else WARM_UP
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
            cause = error.__context__ or error  # ending a failed capture raises a second error
            reason = f"{type(cause).__name__}: {str(cause).partition(chr(10))[0]}"
            say(f"compute.captured: steps cannot be captured and are taken as they come ({reason})")


class Gpu:
    """The current CUDA device. All captures of this process use one stream."""

    def warm(self, work: Callable[[], None]) -> None:
        """Run work on the stream of captures, because libraries allocate memory per stream."""
        stream, current = _stream(), torch.cuda.current_stream()
        stream.wait_stream(current)
        with torch.cuda.stream(stream):
            work()
        current.wait_stream(stream)

    def record(self, work: Callable[[], None]) -> "Graph":
        """Wait until the device is idle, so that no transfer is under way, then capture work."""
        torch.cuda.synchronize()
        return Graph(work)


class Graph:
    """A CUDA graph.

    It writes to tensors that it does not own; its owner must keep them alive.

    The graphs of one process share the memory for temporary tensors: only one graph is replayed at
    a time, and nothing reads these tensors afterwards.
    """

    _alive: ClassVar["weakref.WeakSet[Graph]"] = weakref.WeakSet()

    def __init__(self, work: Callable[[], None]) -> None:
        self.graph = torch.cuda.CUDAGraph()
        pool = next((other.graph.pool() for other in Graph._alive), None)
        # The rules of a capture apply to this thread only: others pin memory, wait for transfers.
        mode = "thread_local"
        with torch.cuda.graph(self.graph, pool=pool, stream=_stream(), capture_error_mode=mode):
            work()
        Graph._alive.add(self)

    def replay(self) -> None:
        self.graph.replay()


@cache
def _stream() -> torch.cuda.Stream:
    return torch.cuda.Stream()  # type: ignore[no-untyped-call]
