"""GPipe (Huang et al., 2019): consecutive layers on different workers, micro-batches in a pipeline.

The gradient is that of the whole batch; only BatchNorm differs, since it normalises each
micro-batch by itself.

Stages in processes of their own are a pipeline. Where they take turns in one process, for want of
a GPU for each, its first worker takes the whole step, with the same bits: no stage could compute
beside another. What would cross from process to process is counted there too.
"""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.distributed.pipelining import ScheduleGPipe
from torch.nn import functional as F

from loft.core.processes.counted_pipeline import CountedStage, one_after_another
from loft.core.processes.turn_taking import ThreadWorker
from loft.core.training.learner import Learner, move_to_device, precision_context, resolve_precision
from loft.tickets.methods.interface import Setup, count_parameters
from loft.tickets.methods.options import GPipeOptions
from loft.tickets.methods.pipeline_stages import boundaries, cuts
from loft.tickets.methods.transfer import elements, pack, unpack, whole


class Stage(nn.Module):
    """Some consecutive layers; what crosses to the next stage is contiguous float32.

    It was computed in the run's precision and is taken up in it again, so that a cut rounds nothing
    and the number of stages changes no bit.
    """

    def __init__(self, layers: nn.Sequential, setup: Setup) -> None:
        super().__init__()
        self._layers = layers
        self._setup = setup

    def forward(self, x: Tensor) -> Tensor:
        compute, workers = self._setup.compute, self._setup.workers
        if workers.rank > 0 and resolve_precision(compute.precision, workers.device) == "bfloat16":
            x = x.bfloat16()
        layout = torch.channels_last if compute.channels_last else torch.contiguous_format
        x = x.contiguous(memory_format=layout)
        with precision_context(compute.precision, workers.device):
            x = self._layers(x)
        return x.float().contiguous()


class GPipe:
    """One worker's stage; rank 0 holds the first and, once an epoch, the whole network."""

    order = 0
    local_iterations = None

    def __init__(self, setup: Setup) -> None:
        options: GPipeOptions = setup.options
        self._setup, self._workers = setup, setup.workers
        network = setup.build()  # whole, so that every stage starts from the same random numbers
        stages = cuts(network, self._workers.size)
        self._names = [_tensors(network, paths) for paths in stages]
        crossing = boundaries(
            setup.build(initialise=False),
            self._workers.size,
            setup.sgd.batch_size // options.microbatches,
            setup.image,
        )
        self._crossing = crossing[self._workers.rank : self._workers.rank + 2]
        layers = [network.get_submodule(path) for path in stages[self._workers.rank]]
        stage = Stage(nn.Sequential(*layers), setup)
        self._learner = Learner(stage, setup.sgd, setup.compute, self._workers.device)
        self._network = network if self._workers.rank == 0 else None
        state = network.state_dict()
        self._own = {name: state[name] for name in self._names[self._workers.rank]}
        self._microbatches = options.microbatches
        if not isinstance(self._workers, ThreadWorker):
            pipeline = CountedStage(self._workers, self._learner.model, *self._crossing)
            self._schedule = ScheduleGPipe(pipeline, self._microbatches, loss_fn=F.cross_entropy)
        self.seen = self._learner.seen
        self.parameters = count_parameters(self._learner.model)

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        self._learner.model.train()
        if isinstance(self._workers, ThreadWorker):
            self._together(self._workers, images, labels, rate)
            return
        if self._workers.rank == 0:
            self._schedule.step(images)
        elif self._workers.rank < self._workers.size - 1:
            self._schedule.step()
        else:
            losses: list[Tensor] = []
            logits = self._schedule.step(target=labels, losses=losses)
            self.seen.add(torch.stack(losses).mean(), logits, labels)
            self.seen.count(len(labels))
        self._learner.update(self._learner.place(rate))

    def _together(self, seat: ThreadWorker, images: Tensor, labels: Tensor, rate: float) -> None:
        """Be there while the first worker takes a step for all, and count what this one sends."""
        stages: list[GPipe] = seat.share(self)

        def work(images: Tensor, labels: Tensor, rate: float | Tensor) -> None:
            models = [stage._learner.model for stage in stages]
            nn.ModuleList(models).zero_grad()  # of a capture that failed
            loss, logits = one_after_another(
                models, images, labels, self._microbatches, F.cross_entropy
            )
            for stage in stages:
                stage._learner.update(rate)
            stages[-1].seen.add(loss, logits, labels)

        if seat.rank == 0:
            self._learner.take(work, images, labels, rate)
        if seat.rank == seat.size - 1:
            self.seen.count(len(labels))
        received, sent = self._crossing
        crossing = [received] * (seat.rank > 0) + [sent] * (seat.rank < seat.size - 1)
        for tensor in crossing * self._microbatches:
            seat.count(tensor)
        seat.share(None)  # the step is taken

    def synchronise(self, collect: bool) -> None:
        """Collect the stages on rank 0, for snapshots and evaluation."""
        if self._workers.rank > 0:
            self._workers.send(pack(self._own), to=0)
            return
        assert self._network is not None
        state = self._network.state_dict()
        for rank in range(1, self._workers.size):
            part = {name: state[name] for name in self._names[rank]}
            unpack(self._workers.receive(elements(part), source=rank).cpu(), part)

    def global_model(self, calibrated: bool) -> nn.Module:
        assert self._network is not None
        return move_to_device(
            copy.deepcopy(self._network), self._setup.compute, self._workers.device
        )

    def state(self) -> dict[str, Tensor]:
        return self._learner.state()

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        self._learner.load_state(state)


def _tensors(network: nn.Module, paths: list[str]) -> list[str]:
    """Name the parameters and running statistics of some layers."""
    prefixes = tuple(f"{path}." for path in paths)
    return [name for name in whole(network) if name.startswith(prefixes)]
