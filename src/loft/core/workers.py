"""The worker processes of one job: the only place where tensors cross them, and counted here.

torchrun starts them (`loft.core.launch`), and they know each other by rank; rank 0 coordinates and
is worker 0. gloo carries tensors between CPUs, NCCL between GPUs. Every transfer is counted once,
at its sender, as bytes of payload.
"""

import ctypes
import datetime
import json
import os
import resource
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, Protocol

import torch
import torch.distributed as dist
from torch import Tensor

PATIENCE = datetime.timedelta(minutes=30)  # how long a worker waits for another


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
    """One worker's view of the job's workers: `Processes` here, or threads in `loft.core.turns`.

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
        """The signal that asked to stop since `heed_signals`, if any."""

    def heed_signals(self) -> None:
        """From now on let SIGTERM and SIGINT do no more than set `asked`."""

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


class Processes(Workers):
    """This process's view of the others, which torchrun started."""

    def __init__(self, gpu: bool = True) -> None:
        """Join the workers that torchrun started; alone where it did not.

        Args:
            gpu: whether to compute on GPUs where there is one for each worker.
        """
        self.rank = int(os.environ.get("RANK", "0"))
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.sent = 0
        self._messages = 0
        self._asked: int | None = None
        on_gpu = gpu and torch.cuda.device_count() >= self.size
        self.device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if on_gpu else "cpu"
        if on_gpu:
            torch.cuda.set_device(self.device)
        if self.size > 1:
            _die_with_parent()
            dist.init_process_group("nccl" if on_gpu else "gloo", timeout=PATIENCE)

    @property
    def asked(self) -> int | None:
        return self._asked

    def heed_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
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
        """Go through torchrun's key-value store."""
        if self.size == 1:
            return [report]
        store = dist.distributed_c10d._get_default_store()
        self._messages += 1
        store.set(f"report/{self._messages}/{self.rank}", json.dumps(report))
        return [
            json.loads(store.get(f"report/{self._messages}/{rank}")) for rank in range(self.size)
        ]


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


def _die_with_parent() -> None:
    """Ask Linux to end this worker when torchrun ends, even if that was killed outright."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
