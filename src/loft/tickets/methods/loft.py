"""LoFT, Algorithm 1: workers train disjoint, physically narrower parts of one network.

Legend: T rounds t, S workers s, l local iterations, W the whole network's weights, W_s worker s's.
Every round draws a new partition, gives each worker its network (`filterPartition`), lets it train
for l iterations, and puts the filters back, averaging what is shared (`aggregate`). Rank 0 holds W
in host memory between rounds and, like every worker, trains only its own part.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from loft.core.training.learner import Learner, move_to_device, recalibrate_batch_norm
from loft.tickets.methods.aggregation import AGGREGATIONS
from loft.tickets.methods.interface import Setup, count_parameters
from loft.tickets.methods.options import LoftOptions
from loft.tickets.methods.partition import draw, shares
from loft.tickets.methods.transfer import MOMENTUM, merged
from loft.tickets.network.blocks import Filters, partitioned


class Loft:
    """One LoFT worker; rank 0 is also the coordinator."""

    def __init__(self, setup: Setup) -> None:
        self._setup, self._workers = setup, setup.workers
        self._options: LoftOptions = setup.options
        full = move_to_device(setup.build(initialise=False), setup.compute, "meta")
        self._filters = partitioned(full)
        own = shares(self._filters, self._workers.size, self._workers.rank)
        self._learner = Learner(setup.build(own), setup.sgd, setup.compute, self._workers.device)
        self._names = merged(full, self._options, self._filters)
        self._whole: dict[str, Tensor] = {}  # on rank 0, from the first round on
        state = full.state_dict()
        like = {name: state[name.removeprefix(MOMENTUM)] for name in self._names}
        aggregation = AGGREGATIONS[self._options.aggregation]
        self._aggregation = aggregation(self._workers, self._whole, like, self._partition)
        self._begun = False
        self.seen = self._learner.seen
        self.parameters = count_parameters(self._learner.model)
        self.order = self._workers.rank
        self.local_iterations = self._options.local_iterations

    def _initial(self) -> dict[str, Tensor]:
        """Return W at round 0 and zero momentum, in host memory."""
        whole = move_to_device(self._setup.build(), self._setup.compute, "cpu").state_dict()
        for name in self._names:
            if name.startswith(MOMENTUM):
                whole[name] = torch.zeros_like(whole[name.removeprefix(MOMENTUM)])
        return whole

    def _partition(self, number: int) -> list[Filters]:
        return draw(self._setup.seed, number, self._filters, self._workers.size)

    def network(self) -> nn.Module:
        if not self._begun:
            self._begin()
        return self._learner.model

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        if not self._begun:
            self._begin()
        self._learner.step(images, labels, rate)

    def _begin(self) -> None:
        """Lines 4 and 5: partition the filters and give each worker its network."""
        if self._aggregation.round == 0 and self._workers.rank == 0:
            self._whole.update(self._initial())
        own = self._own()
        self._aggregation.begin(own)
        if self._options.momentum == "carry":
            momentum = {n: tensor for n, tensor in own.items() if n.startswith(MOMENTUM)}
            buffers = {n.removeprefix(MOMENTUM): tensor for n, tensor in momentum.items()}
            self._learner.load_momentum(buffers)
        self._begun = True

    def _own(self) -> dict[str, Tensor]:
        """Return the tensors of this worker's network that travel, in order."""
        state = self._learner.model.state_dict()
        if self._options.momentum == "carry":
            buffers = self._learner.momentum()
            state.update({MOMENTUM + name: tensor for name, tensor in buffers.items()})
        return {name: state[name] for name in self._names}

    def synchronise(self, collect: bool) -> None:
        """Line 9: put the parts together."""
        if self._options.momentum == "reset":
            self._learner.reset_momentum()  # now, for what follows needs the room
        self._aggregation.end(self._own(), collect)
        self._begun = False

    def global_model(self, calibrated: bool) -> nn.Module:
        """Return h(W) as one network, its partitioned branches scaled as the options say.

        Its parameters are W's own tensors where it computes in host memory.
        """
        model = self._setup.build(initialise=False)
        parameters = {name for name, _ in model.named_parameters()}
        state = {
            name: self._whole[name] if name in parameters else self._whole[name].clone()
            for name in model.state_dict()
        }
        if (divisor := self._options.divisor(self._workers.size)) > 1:
            for path in self._filters:
                name = f"{path}.conv2.weight"
                state[name] = state[name] / divisor
        model.load_state_dict(state, assign=True)
        compute, device = self._setup.compute, self._workers.device
        move_to_device(model, compute, device)
        if calibrated and self._options.batch_norm == "recalibrate":
            calibration = self._setup.calibration()
            recalibrate_batch_norm(model, calibration, compute.precision, device)
        return model

    def state(self) -> dict[str, Tensor]:
        whole = {f"whole/{name}": tensor for name, tensor in self._whole.items()}
        whole |= {f"left/{name}": tensor for name, tensor in self._aggregation.left.items()}
        where = {"round": self._aggregation.round, "begun": int(self._begun)}
        counters = {name: torch.tensor(number) for name, number in where.items()}
        return self._learner.state() | whole | counters

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        self._learner.load_state(state)
        prefix = "whole/"
        self._whole.update(
            {n.removeprefix(prefix): state[n] for n in state if n.startswith(prefix)}
        )
        prefix = "left/"
        self._aggregation.left.update(
            {n.removeprefix(prefix): state[n] for n in state if n.startswith(prefix)}
        )
        self._aggregation.round = int(state["round"])
        self._begun = bool(state["begun"])
