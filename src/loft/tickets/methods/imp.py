"""Iterative magnitude pruning of filters with rewinding (Frankle et al., 2019; Renda et al., 2020).

Training and pruning take turns: train, remove the filters of least norm, set the weights that stay
back to what they were after an early epoch, and train again (Frankle et al., 2019, section 3,
"IMP with rewinding"). Every round removes the same share of the filters that are left. The last
pruning is that of the tickets (`prune`), and their fine-tuning is the last training.

A pretraining is as long as that of the other methods, so a round has a part of its epochs. In the
papers every round is as long as a whole training. The learning rate falls to 0 in each round. Whole
filters are removed, the same ratio in each block that tickets are pruned in; the papers remove
single weights.

Legend: R rounds, k the epoch of rewinding, rho the ratio after the last pruning. After r rounds
1 - (1 - rho)^(r / R) of the filters are removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, NonNegativeInt, PositiveInt

from loft.core.settings.keys import OURS, key
from loft.tickets.methods.interface import Look, Method, RunFacts, Setup, Sizes
from loft.tickets.methods.worker import Worker

if TYPE_CHECKING:
    from torch import Tensor, nn

    from loft.tickets.methods.convention import NetworkOf

SOURCE = "Renda et al., 2020, section 2"


class ImpWorker(Worker):
    """Trains the whole network, and then narrower ones.

    The global model has the whole network's shape; filters that were removed are zero in it.
    """

    def __init__(self, setup: Setup) -> None:
        import torch

        from loft.tickets.network.blocks import pruned

        super().__init__(setup, setup.build())
        self._options: Imp = setup.options
        self._blocks = pruned(self.learner.model)  # path -> number of filters
        self._kept = {path: torch.arange(count) for path, count in self._blocks.items()}
        self._early: dict[str, Tensor] = {}  # the whole network after epoch k, in host memory
        self._epoch = 0  # epochs trained
        self._rewinding = False  # whether the next step begins with pruning and rewinding
        self._keep_early()

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        if self._rewinding:
            self._rewind()
        super().step(images, labels, rate)

    def synchronise(self, collect: bool) -> None:
        """Count the epoch that ends."""
        self._epoch += 1
        self._keep_early()
        length = self.setup.epochs // self._options.rounds
        self._rewinding = self._epoch % length == 0 and self._epoch < self.setup.epochs

    def network(self) -> nn.Module:
        if self._rewinding:
            self._rewind()
        return self.learner.model

    def _keep_early(self) -> None:
        """Keep the weights if this is epoch k, in which the network is still whole."""
        if self._epoch == self._options.rewind_epoch:
            state = self.learner.model.state_dict()
            self._early = {name: tensor.cpu().clone() for name, tensor in state.items()}

    def _rewind(self) -> None:
        """Remove the filters of least norm, and set those that stay back to epoch k."""
        import torch

        from loft.tickets.network.blocks import narrow
        from loft.tickets.network.ranking import ranking
        from loft.tickets.network.survivors import score

        model = self.learner.model
        done = self._epoch * self._options.rounds // self.setup.epochs
        widths = self._options.widths(self._blocks, done)
        state = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
        scores = score("l2", model, state, self.setup.image, self.setup.seed)
        for path, width in widths.items():
            best = torch.from_numpy(ranking(scores[path])[:width].copy()).sort().values
            self._kept[path] = self._kept[path][best]
        self._train(narrow(self._early, self._kept))
        self._rewinding = False

    def _train(self, state: Mapping[str, Tensor]) -> None:
        """Train a network of the filters that are kept from now on, from a state."""
        from loft.core.training.learner import Learner

        setup = self.setup
        network = setup.build({path: len(kept) for path, kept in self._kept.items()})
        network.load_state_dict(state)
        self.learner = Learner(network, setup.sgd, setup.compute, self.workers.device)

    def merged_network(self) -> nn.Module:
        import torch

        from loft.core.training.learner import move_to_device
        from loft.tickets.methods.filter_sets import moving, put_back

        own = self.learner.model.state_dict()
        whole = self.setup.build(initialise=False)
        shapes = moving(whole.state_dict(), self._kept)
        state = {name: tensor.clone() for name, tensor in own.items() if name not in shapes}
        state |= {
            name: torch.zeros(like.shape, device=self.workers.device)
            for name, like in shapes.items()
        }
        parts = moving(own, self._kept)
        put_back(state, self._kept, parts)
        whole.load_state_dict(state, assign=True)
        return move_to_device(whole, self.setup.compute, self.workers.device)

    def state(self) -> dict[str, Tensor]:
        import torch

        early = {f"early/{name}": tensor for name, tensor in self._early.items()}
        kept = {f"kept/{path}": indices for path, indices in self._kept.items()}
        counters = {"epoch": self._epoch, "rewinding": int(self._rewinding)}
        numbers = {name: torch.tensor(number) for name, number in counters.items()}
        return super().state() | early | kept | numbers

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        prefix = "early/"
        self._early = {n.removeprefix(prefix): state[n] for n in state if n.startswith(prefix)}
        self._kept = {path: state[f"kept/{path}"].cpu() for path in self._blocks}
        self._epoch, self._rewinding = int(state["epoch"]), bool(state["rewinding"])
        model = {n.removeprefix("model/"): state[n] for n in state if n.startswith("model/")}
        self._train(model)
        super().load_state(state)


class Imp(Method):
    """Iterative magnitude pruning of filters, in one process."""

    look = Look("IMP", colour="#666666", mark="h", across=(0, (1, 2)))
    plain: ClassVar[Mapping[str, Any]] = {"rounds": 1}

    rounds: PositiveInt = key(
        4, "trainings of equal length, with a pruning after each", source=f"{OURS}, as in {SOURCE}"
    )
    ratio: Annotated[float, Field(gt=0, lt=1)] = key(
        0.8, "share of the filters that all prunings remove, that of tickets included", source=OURS
    )
    rewind_epoch: NonNegativeInt = key(
        1, "weights are set back to those after it; 0: untrained", unit="epochs", source=SOURCE
    )

    def worker(self, setup: Setup) -> Worker:
        return ImpWorker(setup)

    def conflicts(self, run: RunFacts) -> Iterator[str]:
        if self.workers != [1]:
            yield f"workers: found {self.workers}; expected [1]"
        if run.epochs % self.rounds:
            yield (
                f"rounds: found {self.rounds}; expected a divisor of pretrain.epochs ({run.epochs})"
            )
        if self.rewind_epoch > run.epochs // self.rounds:
            yield (
                f"rewind_epoch: found {self.rewind_epoch}; expected at most "
                f"{run.epochs // self.rounds}, the epochs of a round"
            )
        if self.ratio > run.least_ratio:
            yield (
                f"ratio: found {self.ratio}; expected at most {run.least_ratio}, the least of "
                "prune.ratios"
            )

    @property
    def rate_periods(self) -> int:
        return self.rounds

    def widths(self, blocks: Mapping[str, int], done: int) -> dict[str, int]:
        """Return the filters that each block keeps after some rounds, by path."""
        from loft.tickets.network.survivors import removed

        ratio = 1 - (1 - self.ratio) ** (done / self.rounds)
        return {path: count - removed(count, ratio) for path, count in blocks.items()}

    def networks(self, network: NetworkOf, workers: int) -> list[nn.Sequential]:
        """Return the network of every round."""
        from loft.tickets.network.blocks import pruned

        whole = network(None)
        later = (self.widths(pruned(whole), done) for done in range(1, self.rounds))
        return [whole, *(network(widths) for widths in later)]

    def host_bytes(self, whole: Sizes, shares: Sequence[Sizes]) -> int:
        """The whole network after epoch k."""
        return whole.state_bytes
