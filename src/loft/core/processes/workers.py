"""Send tensors between the workers of a job and count the bytes. No other module sends tensors.

`launch` starts the worker processes. Each has a rank; rank 0 coordinates and is also worker 0. gloo
sends tensors between CPUs and NCCL between GPUs, both on the loopback interface only. Each transfer
is counted once, at its sender, as bytes of payload.

Workers find each other through a file in a folder that other users cannot enter. Several machines
would need a store at an address, the local rank and the network interface: `Place` and
`ProcessWorker` assume one machine for these three.
"""

import contextvars
import datetime
import json
import resource
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, Protocol

import torch
import torch.distributed as dist
from torch import Tensor

from loft.core.processes import loopback
from loft.core.processes.signals import ending_signals

LONGEST_WAIT = datetime.timedelta(minutes=30)  # that a worker waits for another one

SHORT, LENGTH = 512, 8  # bytes of a short report, and of the number that holds a report's length


class Place(NamedTuple):
    """The place of a process among the workers of its job.

    Attributes:
        rank: its number, 0 to `size` - 1.
        size: number of workers (world size).
        folder: where workers find each other and write notes of their errors.
    """

    rank: int
    size: int
    folder: Path


PLACE: contextvars.ContextVar[Place | None] = contextvars.ContextVar("place", default=None)


class Packet(NamedTuple):
    """A message with some entries of a vector.

    Attributes:
        source: rank of the sender.
        note: a number that the sender chose.
        indices: int32.
        values: float64.
    """

    source: int
    note: int
    indices: Tensor
    values: Tensor


class Workers(Protocol):
    """The connection of one worker to the others: a `ProcessWorker`, or a thread (`turn_taking`).

    Attributes:
        rank: this worker's number, 0 to `size` - 1.
        size: number of workers (world size).
        device: where this worker computes, "cpu" or "cuda:N".
        sent: bytes of payload that this worker has sent.
    """

    rank: int
    size: int
    device: str
    sent: int

    @property
    def asked(self) -> int | None:
        """The signal that asked the job to end since `note_signals` was called, or None."""

    def note_signals(self) -> None:
        """Make signals that ask the job to end only set `asked` from now on."""

    def close(self) -> None:
        """Close the connection to the others."""

    def send(self, tensor: Tensor, to: int) -> None:
        """Send a contiguous tensor to another worker."""

    def receive(self, elements: int, source: int) -> Tensor:
        """Receive a flat float32 tensor of known length from another worker."""

    def average(self, tensor: Tensor) -> Tensor:
        """Return the mean of all workers' contiguous tensors, the same bits on all (all-reduce)."""

    def gather(self, tensor: Tensor) -> list[Tensor]:
        """Return all workers' contiguous tensors of one shape, in order of rank (all-gather).

        They may be the other workers' own; do not change them.
        """

    def exchange(self, report: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the small reports of all workers, in order of rank (all-gather).

        Reports hold facts about the job, such as losses and process ids. No method needs them, so
        their bytes are not counted.
        """

    def count(self, tensor: Tensor) -> None:
        """Add the bytes of a tensor to those sent."""
        self.sent += tensor.numel() * tensor.element_size()

    def count_average(self, tensor: Tensor) -> None:
        """Add the bytes that an average of this tensor sends.

        In a ring all-reduce each worker sends 2 (size - 1) / size of the tensor; bytes that do not
        divide evenly are counted at the first ranks.
        """
        total = 2 * (self.size - 1) * tensor.numel() * tensor.element_size()
        self.sent += total // self.size + (self.rank < total % self.size)

    def count_gather(self, tensor: Tensor) -> None:
        """Add the bytes that an all-gather of this tensor sends.

        In a ring each worker passes on its own tensor and those of all workers but one.
        """
        self.sent += (self.size - 1) * tensor.numel() * tensor.element_size()


class ProcessWorker(Workers):
    """The connection of this worker, a process, to the others."""

    def __init__(self, gpu: bool = True) -> None:
        """Join the workers that `launch` started with this one; be the only one without `launch`.

        Variables of the environment about ranks and addresses are ignored.

        Args:
            gpu: compute on GPUs where there is one for each worker.
        """
        place = PLACE.get()
        self.rank, self.size = (0, 1) if place is None else (place.rank, place.size)
        self.sent = 0
        self._asked: int | None = None
        on_gpu = gpu and torch.cuda.device_count() >= self.size
        self.device = f"cuda:{self.rank}" if on_gpu else "cpu"
        if on_gpu:
            torch.cuda.set_device(self.device)
        if place is not None and self.size > 1:
            loopback.use_only()
            path = str(place.folder / "store")
            store = dist.FileStore(path, self.size)  # type: ignore[attr-defined]
            store.set_timeout(LONGEST_WAIT)
            dist.init_process_group(
                "cpu:gloo,cuda:nccl" if on_gpu else "gloo",
                store=store,
                rank=self.rank,
                world_size=self.size,
                timeout=LONGEST_WAIT,
            )

    @property
    def asked(self) -> int | None:
        return self._asked

    def note_signals(self) -> None:
        for number in ending_signals():
            signal.signal(number, self._ask)

    def _ask(self, number: int, _: FrameType | None) -> None:
        self._asked = number

    def close(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()

    def send(self, tensor: Tensor, to: int) -> None:
        self.count(tensor)
        dist.send(tensor, to)

    def receive(self, elements: int, source: int) -> Tensor:
        buffer = torch.empty(elements, device=self.device)
        dist.recv(buffer, source)
        return buffer

    def send_packet(self, note: int, indices: Tensor, values: Tensor, to: int) -> None:
        """Send int32 indices and float64 values, of any length, between CPUs.

        A header of three int32 precedes them and is counted too: the note and both lengths.
        """
        header = torch.tensor([note, len(indices), len(values)], dtype=torch.int32)
        for part in (header, indices, values):
            if len(part):
                self.send(part, to)

    def receive_packet(self, source: int | None = None) -> Packet:
        """Receive a packet from one worker, or from any worker where `source` is None."""
        header = torch.empty(3, dtype=torch.int32)
        sender: int = dist.recv(header, source)
        note, *lengths = header.tolist()
        indices = torch.empty(lengths[0], dtype=torch.int32)
        values = torch.empty(lengths[1], dtype=torch.float64)
        for part in (indices, values):
            if len(part):
                dist.recv(part, sender)
        return Packet(sender, note, indices, values)

    def average(self, tensor: Tensor) -> Tensor:
        if self.size == 1:
            return tensor
        self.count_average(tensor)
        dist.all_reduce(tensor)
        return tensor.div_(self.size)

    def gather(self, tensor: Tensor) -> list[Tensor]:
        if self.size == 1:
            return [tensor]
        self.count_gather(tensor)
        gathered = [torch.empty_like(tensor) for _ in range(self.size)]
        dist.all_gather(gathered, tensor)
        return gathered

    def exchange(self, report: dict[str, Any]) -> list[dict[str, Any]]:
        """Gather reports between CPUs: once where all are short, else again at full length."""
        if self.size == 1:
            return [report]
        text = json.dumps(report).encode().ljust(SHORT)
        length = len(text).to_bytes(LENGTH, "little")
        said = self._gather(length + text[:SHORT])
        longest = max(int.from_bytes(other[:LENGTH], "little") for other in said)
        if longest > SHORT:
            said = self._gather(length + text.ljust(longest))
        return [json.loads(other[LENGTH:]) for other in said]

    def _gather(self, text: bytes) -> list[bytes]:
        """Return the texts of all workers, of equal length, in order of rank; bytes not counted."""
        own = torch.frombuffer(bytearray(text), dtype=torch.uint8)
        gathered = [torch.empty_like(own) for _ in range(self.size)]
        dist.all_gather(gathered, own)
        return [other.numpy().tobytes() for other in gathered]


def peak_memory(device: str) -> int:
    """Return the peak memory of this process in bytes: on its GPU, or resident on a CPU."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status")
    if status.exists():  # getrusage includes the peak of the process that started this one
        lines = status.read_text(encoding="utf-8").splitlines()
        return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
