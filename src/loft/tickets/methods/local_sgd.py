"""Local SGD (Stich, 2019): each worker trains the whole network; networks are averaged each round.

With one local iteration and no momentum this is large-batch SGD.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loft.tickets.methods.convention import FLOAT
from loft.tickets.methods.interface import Look, Setup, Sizes
from loft.tickets.methods.local_training import LocalTraining, LocalWorker

if TYPE_CHECKING:
    from loft.tickets.methods.convention import Convention, Pretraining
    from loft.tickets.methods.worker import Worker


class LocalSgdWorker(LocalWorker):
    """A worker that averages its network with the others' every `local_iterations` steps."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup, setup.build())

    def synchronise(self, collect: bool) -> None:
        from loft.tickets.methods.transfer import pack, unpack

        self._free_momentum()
        own = self._own()
        unpack(self.workers.average(pack(own)), own)


class LocalSgd(LocalTraining):
    """Averages parameters over the workers every `local_iterations` steps."""

    look = Look("Local SGD", colour="#de8f05", mark="X")

    def worker(self, setup: Setup) -> Worker:
        return LocalSgdWorker(setup)

    def sent(self, pretraining: Pretraining, convention: Convention) -> float:
        """Count the whole networks that are averaged in each round."""
        from loft.tickets.methods.counting import count_merging

        return count_merging(pretraining, convention, self.exchanged)

    def synchronising_bytes(self, rank: int, own: Sizes, whole: Sizes) -> int:
        """A message holds a network, and its momentum where that travels."""
        return own.state_bytes + FLOAT * own.parameters * self.carries_momentum
