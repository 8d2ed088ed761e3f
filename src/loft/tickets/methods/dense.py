"""Pretrain the whole network in one process with plain SGD."""

from collections.abc import Iterator

from loft.tickets.methods.interface import Look, Method, RunFacts, Setup
from loft.tickets.methods.worker import Worker


class Dense(Method):
    """Dense pretraining, to which the distributed methods are compared."""

    look = Look("Dense", colour="#949494", mark="D", across="--")

    def worker(self, setup: Setup) -> Worker:
        return Worker(setup, setup.build())

    def conflicts(self, run: RunFacts) -> Iterator[str]:
        if self.workers != [1]:
            yield f"workers: found {self.workers}; expected [1]"
