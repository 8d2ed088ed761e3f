"""GPipe (Huang et al., 2019): each worker has some consecutive layers, a stage of a pipeline.

A batch is cut into micro-batches. The gradient is that of the whole batch; only BatchNorm differs,
since it normalises each micro-batch by itself.

Where each stage has a process, the stages form a pipeline. Where workers take turns in one process
(fewer GPUs than workers), stages cannot compute at the same time: the first worker takes the whole
step, with the same bits, and the tensors that a pipeline would send are counted as sent.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, PositiveInt

from loft.core.settings.keys import OURS, key
from loft.core.settings.values import Distinct
from loft.tickets.methods.interface import (
    TABLE_1,
    Look,
    Method,
    RunFacts,
    Setup,
    Share,
    SharedTraining,
    Sizes,
)
from loft.tickets.methods.worker import Worker

if TYPE_CHECKING:
    from torch import Tensor, nn

    from loft.core.processes.turn_taking import ThreadWorker
    from loft.tickets.methods.convention import Convention, NetworkOf, Pretraining

STAGES = (2, 4)  # numbers of stages in the paper


class GPipeWorker(Worker):
    """Train one stage. Rank 0 has the first stage and, once an epoch, the whole network."""

    order = 0  # all stages see the same batches

    def __init__(self, setup: Setup) -> None:
        from torch import nn
        from torch.distributed.pipelining import ScheduleGPipe
        from torch.nn import functional as F

        from loft.core.processes.counted_pipeline import CountedStage
        from loft.core.processes.turn_taking import ThreadWorker
        from loft.tickets.methods.pipeline_stages import Stage, boundaries, stage_layers

        rank, size = setup.workers.rank, setup.workers.size
        self._microbatches: int = setup.options.microbatches
        network = setup.build()  # whole, so that every stage starts from the same random numbers
        stages = stage_layers(network, size)
        self._names = [_tensors(network, paths) for paths in stages]
        crossing = boundaries(
            setup.build(initialise=False),
            stages,
            setup.sgd.batch_size // self._microbatches,
            setup.image,
        )
        self._crossing = crossing[rank : rank + 2]
        layers = [network.get_submodule(path) for path in stages[rank]]
        stage = Stage(nn.Sequential(*layers), setup.compute, rank, setup.workers.device)
        super().__init__(setup, stage)
        self._network = network if rank == 0 else None
        state = network.state_dict()
        self._own = {name: state[name] for name in self._names[rank]}
        self._thread_worker = self.workers if isinstance(self.workers, ThreadWorker) else None
        if self._thread_worker is None:
            pipeline = CountedStage(self.workers, self.learner.model, *self._crossing)
            self._schedule = ScheduleGPipe(pipeline, self._microbatches, loss_fn=F.cross_entropy)

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        import torch

        self.learner.model.train()
        if self._thread_worker is not None:
            self._together(self._thread_worker, images, labels, rate)
            return
        if self.workers.rank == 0:
            self._schedule.step(images)
        elif self.workers.rank < self.workers.size - 1:
            self._schedule.step()
        else:
            losses: list[Tensor] = []
            logits = self._schedule.step(target=labels, losses=losses)
            self.seen.add(torch.stack(losses).mean(), logits, labels)
            self.seen.count(len(labels))
        self.learner.update(self.learner.place(rate))

    def _together(self, worker: ThreadWorker, images: Tensor, labels: Tensor, rate: float) -> None:
        """Let the first worker take the step of all stages; count what this worker would send."""
        from torch import nn
        from torch.nn import functional as F

        from loft.core.processes.counted_pipeline import one_after_another

        stages: list[GPipeWorker] = worker.share(self)

        def work(images: Tensor, labels: Tensor, rate: float | Tensor) -> None:
            models = [stage.learner.model for stage in stages]
            nn.ModuleList(models).zero_grad()  # a failed capture may have left gradients
            loss, logits = one_after_another(
                models, images, labels, self._microbatches, F.cross_entropy
            )
            for stage in stages:
                stage.learner.update(rate)
            stages[-1].seen.add(loss, logits, labels)

        if worker.rank == 0:
            self.learner.take(work, images, labels, rate)
        if worker.rank == worker.size - 1:
            self.seen.count(len(labels))
        received, sent = self._crossing
        crossing = [received] * (worker.rank > 0) + [sent] * (worker.rank < worker.size - 1)
        for tensor in crossing * self._microbatches:
            worker.count(tensor)
        worker.share(None)  # wait until the step is taken

    def synchronise(self, collect: bool) -> None:
        """Collect the stages on rank 0, for snapshots and evaluation."""
        from loft.tickets.methods.transfer import elements, pack, unpack

        if self.workers.rank > 0:
            self.workers.send(pack(self._own), to=0)
            return
        assert self._network is not None
        state = self._network.state_dict()
        for rank in range(1, self.workers.size):
            part = {name: state[name] for name in self._names[rank]}
            unpack(self.workers.receive(elements(part), source=rank).cpu(), part)

    def merged_network(self) -> nn.Module:
        from loft.core.training.learner import move_to_device

        assert self._network is not None
        return move_to_device(copy.deepcopy(self._network), self.setup.compute, self.workers.device)


def _tensors(network: nn.Module, paths: Sequence[str]) -> list[str]:
    """Return the names of the parameters and running statistics of some layers."""
    from loft.tickets.methods.transfer import network_tensors

    prefixes = tuple(f"{path}." for path in paths)
    return [name for name in network_tensors(network) if name.startswith(prefixes)]


class GPipe(Method):
    """Pipeline parallelism with `microbatches` parts of each batch.

    The training is the same for any number of stages; with one micro-batch it equals dense
    training. A cell that would repeat another cell's training only takes `measured_steps` steps.
    """

    look = Look("GPipe", colour="#0173b2", mark="s")
    own_orders: ClassVar[bool] = False
    plain: ClassVar[Mapping[str, Any]] = {"microbatches": 1}

    workers: Annotated[Distinct[Annotated[int, Field(ge=2)]], Field(min_length=1)] = key(
        [2, 4], "numbers of workers, each a row of Table 1", source=TABLE_1
    )
    microbatches: PositiveInt = key(4, "parts that a batch is cut into", source=OURS)
    measured_steps: PositiveInt = key(
        100,
        "steps that a cell takes to measure bytes, memory and time if another cell trains for it",
        unit="steps",
        source=OURS,
    )

    def worker(self, setup: Setup) -> Worker:
        return GPipeWorker(setup)

    def conflicts(self, run: RunFacts) -> Iterator[str]:
        if run.single_value and self.microbatches == run.batch_size:
            yield (
                f"microbatches: found {self.microbatches} of one image each; expected 2 images "
                f"and more, {run.single_value}"
            )
        if run.batch_size % self.microbatches:
            yield (
                f"microbatches: found {self.microbatches}; expected a divisor of "
                f"pretrain.sgd.batch_size ({run.batch_size})"
            )
        if extra := {*self.workers} - {*STAGES}:
            yield f"workers: found {sorted(extra)}; expected 2 and 4 only"

    def shared(self, name: str, workers: int) -> SharedTraining | None:
        """Return the first cell, which trains for all; with one micro-batch the dense cell.

        A pipeline's gradient is the whole batch's for any number of stages. With one micro-batch
        BatchNorm also normalises the whole batch, as in dense training.
        """
        if self.microbatches == 1:
            return SharedTraining("dense", 1, self.measured_steps)
        first = self.workers[0]
        return None if workers == first else SharedTraining(name, first, self.measured_steps)

    def shares(self, network: nn.Sequential, workers: int) -> list[Share]:
        """Each worker trains a stage."""
        from loft.tickets.methods.pipeline_stages import stage_layers

        return [Share(layers=tuple(paths)) for paths in stage_layers(network, workers)]

    def networks(self, network: NetworkOf, workers: int) -> list[nn.Sequential]:
        """The stages together are the whole network."""
        return [network(None)]

    def sent(self, pretraining: Pretraining, convention: Convention) -> float:
        """Count activations and gradients of each step, and stages sent to rank 0 each epoch."""
        from loft.tickets.methods.counting import count_numbers
        from loft.tickets.methods.pipeline_stages import floats_across_cuts, stage_layers

        workers, batch = pretraining.workers, pretraining.batch
        network = pretraining.network(None)
        back = batch if convention.gradient_of_every_image else 1
        floats = (
            pretraining.steps
            * (batch + back)
            * floats_across_cuts(network, workers, pretraining.image)
        )
        if convention.extras:
            for paths in stage_layers(network, workers)[1:]:
                floats += pretraining.epochs * count_numbers(network, _tensors(network, paths))
        return floats

    def step_operations(self, shares: Sequence[float]) -> float:
        """Return sum F_i + (M - 1) max F_i for M micro-batches.

        F_i are the operations of stage i on a micro-batch. The last stage waits for the first
        micro-batch; each further one takes the time of the slowest stage.
        """
        parts = self.microbatches
        return (sum(shares) + (parts - 1) * max(shares)) / parts

    def host_bytes(self, whole: Sizes, shares: Sequence[Sizes]) -> int:
        """Rank 0 holds the other workers' stages."""
        return sum(stage.state_bytes for stage in shares[1:])
