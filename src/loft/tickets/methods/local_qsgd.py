"""Local SGD whose changes are quantised by QSGD (Alistarh et al., 2017).

Every worker rounds the entries of its change at random to one of s levels of their bucket's largest
entry (or norm), so that the expectation is the change itself (section 3.1, equation 4), and sends
the code words to all others (Algorithm 1). Buckets of consecutive entries and the largest entry in
place of the norm are the variant of the paper's experiments (sections 3.3 and 4). The rounding has
no bias, so the paper needs no error feedback and there is none here.

QSGD quantises the gradient of every step; here it is the change of a round, as in Qsparse-local-SGD
(Basu et al., 2019). Code words have a fixed number of bits; the paper's Elias coding makes them
shorter where most are zero.

Legend: n entries, d entries in a bucket, b bits of a code word, s = 2^(b-1) - 1 levels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import PositiveInt

from loft.core.settings.keys import key
from loft.tickets.methods.compressed_averages import CompressedAverages, CompressedWorker
from loft.tickets.methods.convention import FLOAT
from loft.tickets.methods.interface import Look, Setup, Sizes

if TYPE_CHECKING:
    from torch import Tensor, nn

    from loft.tickets.methods.worker import Worker

SOURCE = "QSGD (Alistarh et al., 2017), section 4"
BYTE = 8  # bits


class LocalQsgdWorker(CompressedWorker):
    """A worker that sends code words of its change to all others."""

    _options: LocalQsgd

    def __init__(self, setup: Setup) -> None:
        import torch

        super().__init__(setup)
        self._round = torch.zeros((), dtype=torch.int64)

    def _kept(self) -> dict[str, Tensor]:
        return super()._kept() | {"round": self._round}

    def _mean_change(self, change: Tensor) -> Tensor:
        import torch

        from loft.core.seeding import stream

        random = stream("qsgd", self.setup.seed, int(self._round), self.workers.rank)
        self._round += 1
        uniform = torch.from_numpy(random.random(len(change), dtype="float32")).to(change.device)
        mean = torch.zeros_like(change)
        for message in self.workers.gather(encode(change, uniform, self._options)):
            mean += decode(message, len(change), self._options)
        return mean.div_(self.workers.size)


def encode(change: Tensor, uniform: Tensor, options: LocalQsgd) -> Tensor:
    """Return a change (n,) as a message of bytes: the size of each bucket's level, code words.

    Args:
        change: n numbers.
        uniform: n random numbers from [0, 1), which decide about rounding up.
        options: bits, bucket and norm.
    """
    import torch

    from loft.core.training.quantisation import split

    rows = _in_rows(change, options.bucket)  # (buckets, d)
    if options.norm == "max":
        norms = rows.abs().amax(dim=1, keepdim=True)
    else:
        norms = rows.norm(dim=1, keepdim=True)
    level, whole, rest = split(rows, norms, options.levels)
    whole += _in_rows(uniform, options.bucket) < rest
    # The largest entry may exceed the highest level by rounding, and has no code word above it.
    words = rows.sign().mul_(whole.clamp_max_(options.levels)).add_(options.levels)
    packed = _pack(words.flatten()[: len(change)].to(torch.uint8), options.bits)
    return torch.cat([level.flatten().view(torch.uint8), packed])


def decode(message: Tensor, length: int, options: LocalQsgd) -> Tensor:
    """Return the quantised change (n,) of a message; n is `length`."""
    import torch

    buckets = -(-length // options.bucket)
    level = message[: FLOAT * buckets].view(torch.float32)[:, None]
    words = _unpack(message[FLOAT * buckets :], options.bits)[:length]
    rows = _in_rows(words.float().sub_(options.levels), options.bucket)
    return (rows * level).flatten()[:length]


def _in_rows(values: Tensor, length: int) -> Tensor:
    """Return numbers (n,) in rows (n / length rounded up, length), the last one filled with 0."""
    from torch.nn import functional as F

    filled: Tensor = F.pad(values, (0, -len(values) % length))
    return filled.view(-1, length)


def _pack(words: Tensor, bits: int) -> Tensor:
    """Return code words (n,) of `bits` bits each as bytes (n * bits / 8 rounded up,), uint8."""
    import torch

    rows = _in_rows(words, BYTE // bits)
    places = torch.arange(0, BYTE, bits, dtype=torch.uint8, device=words.device)
    return (rows << places).sum(1, dtype=torch.uint8)


def _unpack(packed: Tensor, bits: int) -> Tensor:
    """Return the code words of bytes: the inverse of `_pack`, with the words that fill up."""
    import torch

    places = torch.arange(0, BYTE, bits, dtype=torch.uint8, device=packed.device)
    words: Tensor = (packed[:, None] >> places) & (2**bits - 1)
    return words.flatten()


class LocalQsgd(CompressedAverages):
    """Local SGD with quantised changes."""

    look = Look("Local SGD with QSGD", colour="#56b4e9", mark="<")

    bits: Literal[2, 4, 8] = key(
        4, "bits of an entry's code word, for 1, 7 or 127 levels and a sign", source=SOURCE
    )
    bucket: PositiveInt = key(
        512, "consecutive entries that share a scale", unit="entries", source=SOURCE
    )
    norm: Literal["max", "l2"] = key(
        "max", "scale of a bucket: its largest entry or its l2 norm", source=SOURCE
    )

    @property
    def levels(self) -> int:
        """s, the number of levels above zero."""
        return int(2 ** (self.bits - 1) - 1)

    def worker(self, setup: Setup) -> Worker:
        return LocalQsgdWorker(setup)

    def compressed(self, network: nn.Module) -> list[str]:
        return [name for name, weight in network.named_parameters() if weight.ndim > 1]

    def compressed_bytes(self, network: nn.Module, workers: int) -> float:
        """Every worker's message goes to all others."""
        length = self._length(network)
        message = FLOAT * -(-length // self.bucket) + -(-length * self.bits // BYTE)
        return workers * (workers - 1) * message

    def _length(self, network: nn.Module) -> int:
        """Return n, the number of quantised entries."""
        return sum(weight.numel() for weight in network.parameters() if weight.ndim > 1)

    def kept_bytes(self, network: nn.Sequential) -> int:
        """Every worker keeps theta."""
        return FLOAT * self._length(network)

    def synchronising_bytes(self, rank: int, own: Sizes, whole: Sizes) -> int:
        """About six vectors of all entries while a change is coded: itself and what it becomes."""
        return 6 * FLOAT * own.parameters
