"""Local SGD (Stich, 2019): each worker trains the whole network; networks are averaged each round.

Momentum buffers stay with their worker. With one local iteration and no momentum this is
large-batch SGD.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loft.tickets.methods.interface import Look, Setup, Sizes
from loft.tickets.methods.local_training import LocalTraining
from loft.tickets.methods.worker import Worker

if TYPE_CHECKING:
    from loft.tickets.methods.convention import Convention, Pretraining


class LocalSgdWorker(Worker):
    """A worker that averages its network with the others' every `local_iterations` steps."""

    def __init__(self, setup: Setup) -> None:
        from loft.tickets.methods.transfer import exchanged_tensors

        super().__init__(setup, setup.build())
        model = self.learner.model
        state = model.state_dict()
        self._averaged = {
            name: state[name] for name in exchanged_tensors(model, setup.options.batch_norm)
        }

    def synchronise(self, collect: bool) -> None:
        from loft.tickets.methods.transfer import pack, unpack

        unpack(self.workers.average(pack(self._averaged)), self._averaged)


class LocalSgd(LocalTraining):
    """Averages parameters over the workers every `local_iterations` steps."""

    look = Look("Local SGD", colour="#de8f05", mark="X")

    def worker(self, setup: Setup) -> Worker:
        return LocalSgdWorker(setup)

    def sent(self, pretraining: Pretraining, convention: Convention) -> float:
        """Count the whole networks that are averaged in each round."""
        from loft.tickets.methods.counting import count_merging
        from loft.tickets.methods.transfer import exchanged_tensors

        return count_merging(
            pretraining, convention, lambda network: exchanged_tensors(network, self.batch_norm)
        )

    def synchronising_bytes(self, rank: int, own: Sizes, whole: Sizes) -> int:
        """A message holds a network."""
        return own.state_bytes
