"""LoFT, Algorithm 1: workers train disjoint, physically narrower parts of one network.

Legend: T rounds t, S workers s, l local iterations, W the whole network's weights, W_s worker s's.
Every round draws a new partition, sends each worker its network (`filterPartition`), lets it train
for l iterations, and puts the filters back, averaging what is shared (`aggregate`). Networks travel
through rank 0, which holds W in host memory and, like every worker, trains only its own part.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from loft.core.training import Learner, Tally, recalibrate_batch_norm, settle
from loft.tickets.blocks import Filters, narrow, partitioned
from loft.tickets.jobs import LoftOptions
from loft.tickets.methods import Setup, count_parameters
from loft.tickets.partition import aggregate, draw, shares
from loft.tickets.transfer import MOMENTUM, elements, merged, pack, unpack, views


class Loft:
    """One LoFT worker; rank 0 is also the coordinator."""

    def __init__(self, setup: Setup) -> None:
        self._setup, self._workers = setup, setup.workers
        self._options: LoftOptions = setup.options
        full = setup.build(initialise=False)
        self._filters = partitioned(full)
        own = shares(self._filters, self._workers.size, self._workers.rank)
        self._learner = Learner(setup.build(own), setup.sgd, setup.compute, self._workers.device)
        self._names = merged(full, self._options, self._filters)
        self._whole: dict[str, Tensor] = self._initial() if self._workers.rank == 0 else {}
        self._round = 0
        self._distributed = False
        self.parameters = count_parameters(self._learner.model)
        self.order = self._workers.rank
        self.local_iterations = self._options.local_iterations

    def _initial(self) -> dict[str, Tensor]:
        """Return W at round 0 and zero momentum, in host memory."""
        whole = {name: tensor.clone() for name, tensor in self._setup.build().state_dict().items()}
        for name in self._names:
            if name.startswith(MOMENTUM):
                whole[name] = torch.zeros_like(whole[name.removeprefix(MOMENTUM)])
        return whole

    def step(self, images: Tensor, labels: Tensor, rate: float) -> Tally:
        if not self._distributed:
            self._distribute()
        return self._learner.step(images, labels, rate)

    def _partition(self) -> list[Filters]:
        return draw(self._setup.seed, self._round, self._filters, self._workers.size)

    def _distribute(self) -> None:
        """Lines 4 and 5: partition the filters and give each worker its network."""
        own = self._own()
        if self._workers.rank == 0:
            travelling = {name: self._whole[name] for name in self._names}
            partition = self._partition()
            for worker in range(1, self._workers.size):
                part = pack(narrow(travelling, partition[worker]))
                self._workers.send(part.to(self._workers.device), to=worker)
            buffer = pack(narrow(travelling, partition[0])).to(self._workers.device)
        else:
            buffer = self._workers.receive(elements(own), source=0)
        unpack(buffer, own)
        if self._options.momentum == "reset":
            self._learner.reset_momentum()
        else:
            self._learner.load_momentum(_momentum(own))
        self._distributed = True

    def _own(self) -> dict[str, Tensor]:
        """Return the tensors of this worker's network that travel, in order."""
        state = self._learner.model.state_dict()
        if self._options.momentum == "carry":
            buffers = self._learner.momentum()
            state.update({MOMENTUM + name: tensor for name, tensor in buffers.items()})
        return {name: state[name] for name in self._names}

    def synchronise(self) -> None:
        """Line 9: put the parts together on rank 0."""
        if self._workers.rank == 0:
            aggregate(self._whole, self._parts(), self._workers.size)
        else:
            self._workers.send(pack(self._own()), to=0)
        self._round += 1
        self._distributed = False

    def _parts(self) -> Iterator[tuple[dict[str, Tensor], Filters]]:
        """Yield every worker's trained tensors and its filters, in order of rank."""
        partition = self._partition()
        yield {name: tensor.cpu() for name, tensor in self._own().items()}, partition[0]
        for worker in range(1, self._workers.size):
            template = narrow({name: self._whole[name] for name in self._names}, partition[worker])
            buffer = self._workers.receive(elements(template), source=worker)
            yield views(buffer.cpu(), template), partition[worker]

    def global_model(self, calibrated: bool) -> nn.Module:
        """Return h(W) as one network, its partitioned branches scaled as the options say."""
        model = self._setup.build(initialise=False)
        state = {name: self._whole[name].clone() for name in model.state_dict()}
        model.load_state_dict(state, assign=True)
        if self._options.branch_scale == "inverse_workers":
            with torch.no_grad():
                for path in self._filters:
                    model.get_parameter(f"{path}.conv2.weight").div_(self._workers.size)
        compute, device = self._setup.compute, self._workers.device
        settle(model, compute, device)
        if calibrated and self._options.batch_norm == "recalibrate":
            calibration = self._setup.calibration()
            recalibrate_batch_norm(model, calibration, compute.precision, device)
        return model


def _momentum(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(MOMENTUM): tensor
        for name, tensor in tensors.items()
        if name.startswith(MOMENTUM)
    }
