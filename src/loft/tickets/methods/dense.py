"""Plain SGD on the whole network in one process: what pretraining without workers gives."""

from collections.abc import Iterator

from loft.tickets.methods.interface import Look, Method, RunFacts, Setup
from loft.tickets.methods.worker import Worker


class Dense(Method):
    """The reference that the distributed methods are compared with."""

    look = Look("Dense", colour="#949494", mark="D", across="--")

    def worker(self, setup: Setup) -> Worker:
        return Worker(setup, setup.build())

    def conflicts(self, run: RunFacts) -> Iterator[str]:
        if self.workers != [1]:
            yield f"workers: found {self.workers}; expected [1]"
