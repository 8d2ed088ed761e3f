"""Define the base classes of methods whose workers send their changes compressed.

A change is the difference from the weights of the last synchronisation.


Local SGD averages the workers' weights. These methods instead average compressed changes: every
worker keeps the weights theta of the last synchronisation, sends its change in few bytes, and adds
the mean of all changes to theta. Tensors of one dimension (biases and BatchNorm's scales), running
statistics and momentum buffers are averaged as they are; they are few, and both papers leave small
tensors as they are. A single worker sends nothing and keeps its own weights.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from loft.tickets.methods.convention import FLOAT
from loft.tickets.methods.interface import Setup
from loft.tickets.methods.local_training import LocalTraining, LocalWorker

if TYPE_CHECKING:
    from torch import Tensor, nn

    from loft.tickets.methods.convention import Convention, Pretraining


class CompressedWorker(LocalWorker):
    """A worker that sends its changes compressed.

    A subclass compresses (`_mean_change`) and names the tensors that it keeps from round to round
    (`_kept`).
    """

    _options: CompressedAverages

    def __init__(self, setup: Setup) -> None:
        from loft.tickets.methods.transfer import pack

        super().__init__(setup, setup.build())
        self._compressed = self._options.compressed(self.learner.model)
        weights = self.learner.model.state_dict()
        self._theta = pack({name: weights[name] for name in self._compressed})  # (n,)

    @abstractmethod
    def _mean_change(self, change: Tensor) -> Tensor:
        """Return the mean of all workers' compressed changes (n,); it has the same bits on all.

        Args:
            change: this worker's change (n,), packed in the order of `_compressed`; not needed
                afterwards.
        """

    def _kept(self) -> dict[str, Tensor]:
        """Return the tensors that are kept from round to round, by name."""
        return {"theta": self._theta}

    def synchronise(self, collect: bool) -> None:
        from loft.tickets.methods.transfer import pack, unpack

        self._free_momentum()
        if self.workers.size == 1:
            return
        own = self._own()
        compressed = {name: own.pop(name) for name in self._compressed}
        self._theta.add_(self._mean_change(pack(compressed).sub_(self._theta)))
        unpack(self._theta, compressed)
        unpack(self.workers.average(pack(own)), own)

    def state(self) -> dict[str, Tensor]:
        return super().state() | {f"kept/{name}": tensor for name, tensor in self._kept().items()}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        super().load_state(state)
        for name, tensor in self._kept().items():
            tensor.copy_(state[f"kept/{name}"])


class CompressedAverages(LocalTraining):
    """Adds the mean of the workers' compressed changes every `local_iterations` steps."""

    @abstractmethod
    def compressed(self, network: nn.Module) -> list[str]:
        """Return the names of the tensors that travel compressed, in packing order."""

    @abstractmethod
    def compressed_bytes(self, network: nn.Module, workers: int) -> float:
        """Return the bytes that all workers send in one round for the compressed tensors."""

    def sent(self, pretraining: Pretraining, convention: Convention) -> float:
        """Count the compressed changes, and the averages of all other tensors, of each round.

        The paper prints no such method. Its convention counts parameters only, and one process
        more than workers: a coordinator that does not train.
        """
        from loft.tickets.methods.counting import count_numbers

        network = pretraining.network(None)
        names = [name for name, _ in network.named_parameters()]
        if convention.extras:
            names = self.exchanged(network)
        compressed = {*self.compressed(network)}
        others = count_numbers(network, [name for name in names if name not in compressed])
        workers = pretraining.workers + (not convention.coordinator_works)
        if workers == 1:
            return 0
        floats = self.compressed_bytes(network, workers) / FLOAT + 2 * (workers - 1) * others
        return pretraining.rounds * floats
