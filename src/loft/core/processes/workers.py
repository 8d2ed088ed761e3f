"""The worker processes of one job: the only place where tensors cross them, and counted here.

`launch` starts them, and they know each other by rank; rank 0 coordinates and is worker 0. gloo
carries tensors between CPUs, NCCL between GPUs, both on the loopback interface alone. Every
transfer is counted once, at its sender, as bytes of payload.

Workers find each other by a file in a folder that no other user can enter. On several machines it
would be a store at one address that the user names; that store, a worker's number on its machine
and the network interface are what `Place` and `ProcessWorker` take from one machine.
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

LONGEST_WAIT = datetime.timedelta(minutes=30)  # how long a worker waits for another

SHORT, LENGTH = 512, 8  # bytes of most reports, and of the number that says a report's length


class Place(NamedTuple):
    """Where a process is among its job's workers.

    Attributes:
        rank: its number, 0 to `size` - 1.
        size: how many there are.
        folder: where they find each other, and leave word of their errors.
    """

    rank: int
    size: int
    folder: Path


PLACE: contextvars.ContextVar[Place | None] = contextvars.ContextVar("place", default=None)


class Packet(NamedTuple):
    """A message of some entries of a vector.

    Attributes:
        source: the rank of its sender.
        note: a number of the sender's.
        indices: int32.
        values: float64.
    """

    source: int
    note: int
    indices: Tensor
    values: Tensor


class Workers(Protocol):
    """One worker's view of the job's workers: `ProcessWorker` here, or threads in `turn_taking`.

    Attributes:
        rank: this worker's number, 0 to `size` - 1.
        size: how many workers there are.
        device: where this worker computes, "cpu" or "cuda:N".
        sent: bytes of payload that this worker has sent.
    """

    rank: int
    size: int
    device: str
    sent: int

    @property
    def asked(self) -> int | None:
        """The signal that asked to stop since `note_signals`, if any."""

    def note_signals(self) -> None:
        """From now on let signals that ask to end do no more than set `asked`."""

    def close(self) -> None:
        """Leave the others."""

    def send(self, tensor: Tensor, to: int) -> None:
        """Send a contiguous tensor to another worker."""

    def receive(self, elements: int, source: int) -> Tensor:
        """Receive a flat float32 tensor of known length from another worker."""

    def average(self, tensor: Tensor) -> Tensor:
        """Return the mean of every worker's contiguous tensor, the same bits on all of them."""

    def exchange(self, report: dict[str, Any]) -> list[dict[str, Any]]:
        """Give every worker's small report to all, in order of rank.

        Reports are facts about the job (losses, process ids), not part of any method, and are not
        counted.
        """

    def count(self, tensor: Tensor) -> None:
        """Count a tensor as sent."""
        self.sent += tensor.numel() * tensor.element_size()

    def count_average(self, tensor: Tensor) -> None:
        """Count what an average takes.

        In a ring all-reduce each worker sends 2 (size - 1) / size of the tensor; what does not
        divide evenly is counted at the first ones.
        """
        total = 2 * (self.size - 1) * tensor.numel() * tensor.element_size()
        self.sent += total // self.size + (self.rank < total % self.size)


class ProcessWorker(Workers):
    """This process's view of the others."""

    def __init__(self, gpu: bool = True) -> None:
        """Join the workers that were launched with this one; alone where it was not launched.

        What the environment says of ranks and addresses is of other programs' processes.

        Args:
            gpu: whether to compute on GPUs where there is one for each worker.
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
        """Send index and value arrays of any length, int32 and float64, between CPUs.

        Three int32 go before them and are counted too: the note and both lengths.
        """
        header = torch.tensor([note, len(indices), len(values)], dtype=torch.int32)
        for part in (header, indices, values):
            if len(part):
                self.send(part, to)

    def receive_packet(self, source: int | None = None) -> Packet:
        """Receive what `send_packet` sent: from one worker, or from whichever comes first."""
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

    def exchange(self, report: dict[str, Any]) -> list[dict[str, Any]]:
        """Gather texts between CPUs: at once where all are short, else again at full length."""
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
        """Return every worker's text, all of one length, in order of rank; not counted."""
        own = torch.frombuffer(bytearray(text), dtype=torch.uint8)
        gathered = [torch.empty_like(own) for _ in range(self.size)]
        dist.all_gather(gathered, own)
        return [other.numpy().tobytes() for other in gathered]


def peak_memory(device: str) -> int:
    """Return this process's highest memory use so far in bytes: of its GPU, else resident."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins with who started this process
        lines = status.read_text(encoding="utf-8").splitlines()
        return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
