"""LoFT: each worker trains a narrower network, a disjoint part of the whole one (Algorithm 1).

`LoftWorker` is Algorithm 1 from its first line to its last. `filterPartition` is `partition.draw`;
`aggregation` distributes the parts and merges them with `partition.aggregate`.

Legend: T rounds t, S workers s, l local iterations, h(W) the whole network with weights W,
h_s(W_s) the part of it that worker s trains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from loft.core.settings.keys import OURS, PAPER, key
from loft.tickets.methods.convention import FLOAT
from loft.tickets.methods.interface import Look, RunFacts, Setup, Share, Sizes
from loft.tickets.methods.local_training import LocalTraining, LocalWorker

if TYPE_CHECKING:
    from torch import Tensor, nn

    from loft.tickets.methods.convention import Convention, Pretraining
    from loft.tickets.methods.worker import Worker
    from loft.tickets.network.blocks import Filters


class LoftWorker(LocalWorker):
    """One worker's side of Algorithm 1. Rank 0 is the coordinator too.

    Rank 0 trains only its own part, like every worker. With `star` it has W in host memory between
    rounds, with `direct` after an epoch's last round only. The training loop (`core.training.loop`)
    calls `step` for every batch, and `synchronise` after l of them and at the end of an epoch.
    """

    _options: Loft

    # Algorithm 1, line 1. Parameter: T synchronisations, S workers, l local iterations, W weights.

    def __init__(self, setup: Setup) -> None:
        from loft.core.training.learner import move_to_device
        from loft.tickets.methods.aggregation import AGGREGATIONS

        options: Loft = setup.options
        rank, size = setup.workers.rank, setup.workers.size
        full = setup.build(initialise=False)
        move_to_device(full, setup.compute, "meta")
        self._blocks = options.partitioned(full)  # path -> number of filters
        share = options.shares(full, size)[rank]
        super().__init__(setup, setup.build(share.filters))
        self._whole: dict[str, Tensor] = {}  # W on rank 0, from the first round on
        state = full.state_dict()
        like = {name: state[_parameter(name)] for name in self._names}
        aggregation = AGGREGATIONS[options.aggregation]
        self._aggregation = aggregation(self.workers, self._whole, like, self._partition)
        self._begun = False  # whether this worker has its network of the round

    # Line 2. h(W) <- randomly initialized CNN

    def _initial(self) -> dict[str, Tensor]:
        """Return W at round 0 and zero momentum, in host memory."""
        import torch

        from loft.core.training.learner import move_to_device

        whole = move_to_device(self.setup.build(), self.setup.compute, "cpu").state_dict()
        for name in self._names:
            if name != _parameter(name):
                whole[name] = torch.zeros_like(whole[_parameter(name)])
        return whole

    # Line 3. for t = 0, ..., T - 1 do: t is `round` of the aggregation
    # Line 4. {h_s(W_s)}, s = 1, ..., S, = filterPartition(h(W), S)

    def _partition(self, t: int) -> list[Filters]:
        """Return which filters of each block each worker has in round t."""
        return self._options.partition(self.setup.seed, t, self._blocks, self.workers.size)

    # Line 5. Distribute each h_s(W_s) to a different worker.

    def _distribute(self) -> None:
        """Fill this worker's network for the round."""
        if self._aggregation.round == 0 and self.workers.rank == 0:
            self._whole.update(self._initial())
        own = self._own()
        self._aggregation.distribute(own)
        if self._options.carries_momentum:
            self.learner.load_momentum({_parameter(n): own[n] for n in own if n != _parameter(n)})
        self._begun = True

    # Line 6. for s = 1, ..., S do: all workers at the same time
    # Line 7. Train h_s(W_s) for l iterations using local SGD.

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        """Take one of the l iterations."""
        if not self._begun:
            self._distribute()
        self.learner.step(images, labels, rate)

    # Line 8. end for
    # Line 9. h(W) = aggregate({h_s(W_s)}, s = 1, ..., S)

    def synchronise(self, collect: bool) -> None:
        """Put the filters back and average the shared tensors."""
        self._free_momentum()
        t = self._aggregation.round
        self._aggregation.aggregate(self._own(), collect)
        if self._options.momentum == "local":
            self._keep_momentum(t)
        self._begun = False

    def _keep_momentum(self, t: int) -> None:
        """Keep the buffers of what this worker keeps after round t.

        A filter that comes from another worker starts with a buffer of zeros.
        """
        import torch

        from loft.tickets.methods.filter_sets import common, moving, positions, put_back
        from loft.tickets.network.blocks import narrow

        rank = self.workers.rank
        before, after = self._partition(t)[rank], self._partition(t + 1)[rank]
        stays = common(before, after)
        buffers = self.learner.momentum()
        moved = moving(buffers, before)
        kept = narrow(moved, positions(before, stays))
        fresh = {name: torch.zeros_like(buffer) for name, buffer in moved.items()}
        put_back(fresh, positions(after, stays), kept)
        self.learner.load_momentum({**buffers, **fresh})

    # Line 10. end for

    def merged_network(self) -> nn.Module:
        """Return h(W), with its partitioned branches scaled as `branch_scale` says.

        In host memory its parameters are W's own tensors, not copies.
        """
        from loft.core.training.learner import move_to_device
        from loft.tickets.network.blocks import unnormalised_branches

        model = self.setup.build(initialise=False)
        parameters = {name for name, _ in model.named_parameters()}
        state = {
            name: self._whole[name] if name in parameters else self._whole[name].clone()
            for name in model.state_dict()
        }
        if (divisor := self._options.divisor(self.workers.size)) > 1:
            for name in unnormalised_branches(model):
                state[name] = state[name] / divisor
        if self._options.batch_norm == "carry":  # those that all share are rank 0's
            own = self.learner.model.state_dict()
            kept = {n: own[n] for n in state if n not in parameters and n not in self._names}
            state.update({name: tensor.to("cpu", copy=True) for name, tensor in kept.items()})
        model.load_state_dict(state, assign=True)
        return move_to_device(model, self.setup.compute, self.workers.device)

    def network(self) -> nn.Module:
        if not self._begun:
            self._distribute()
        return self.learner.model

    def state(self) -> dict[str, Tensor]:
        import torch

        begun = {"begun": torch.tensor(int(self._begun))}
        return super().state() | self._aggregation.state() | begun

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        super().load_state(state)
        self._aggregation.load_state(state)
        self._begun = bool(state["begun"])


def _parameter(name: str) -> str:
    """Return the parameter that a momentum buffer belongs to, or the tensor's own name."""
    from loft.tickets.methods.transfer import MOMENTUM

    return name.removeprefix(MOMENTUM)


class Loft(LocalTraining):
    """LoFT and its options.

    `aggregation`: filters are sent through rank 0, or from worker to worker; the networks differ
    by rounding at most.
    `branch_scale`: factor of the merged network's partitioned branches. Each of S workers trains
    with 1/S of a branch's channels, and the merged network adds up all of them. Branches that a
    BatchNorm follows keep their scale: there the factor would not change the outputs, but
    fine-tuning would take other steps relative to the weights.
    """

    look = Look("LoFT", colour="#029e73", mark="o")
    plain: ClassVar[Mapping[str, Any]] = {**LocalTraining.plain, "branch_scale": "one"}

    aggregation: Literal["star", "direct"] = key(
        "direct",
        "how filters travel: star: through rank 0, as in the paper; direct: from worker to worker; "
        "the networks differ by rounding at most",
        source=OURS,
    )
    repartition: Literal["every_round", "once"] = key(
        "every_round",
        "when the filters are partitioned: anew in every round, or in the first one only",
        source=f"{PAPER}, section 3.3",
        neutral="every_round",
    )
    branch_scale: Literal["one", "inverse_workers"] = key(
        "inverse_workers",
        "factor of the merged network's partitioned branches that no BatchNorm follows: 1, or "
        "1 / workers",
        source=f"{PAPER}, appendix A",
    )

    def worker(self, setup: Setup) -> Worker:
        return LoftWorker(setup)

    def conflicts(self, run: RunFacts) -> Iterator[str]:
        if (most := max(self.workers)) > run.narrowest:
            yield (
                f"workers: found {most}; expected at most {run.narrowest}, the filters of the "
                "narrowest partitioned block"
            )

    def partition(
        self, seed: int, t: int, blocks: Mapping[str, int], workers: int
    ) -> list[Filters]:
        """Draw which filters of each block each worker has in round t (`partition.draw`).

        With one partition for all rounds workers train the same filters throughout. The paper says
        that this misses the ticket (section 3.3).
        """
        from loft.tickets.methods.partition import draw

        return draw(seed, 0 if self.repartition == "once" else t, blocks, workers)

    def partitioned(self, network: nn.Module) -> Mapping[str, int]:
        from loft.tickets.network.blocks import partitioned

        return partitioned(network)

    def divisor(self, workers: int) -> int:
        return workers if self.branch_scale == "inverse_workers" else 1

    def shares(self, network: nn.Sequential, workers: int) -> list[Share]:
        """Return each worker's share: narrower blocks with its number of filters."""
        from loft.tickets.methods.partition import shares

        blocks = self.partitioned(network)
        return [Share(filters=shares(blocks, workers, worker)) for worker in range(workers)]

    def sent(self, pretraining: Pretraining, convention: Convention) -> float:
        """Count the parts that workers send to be merged, and receive for the next round."""
        from loft.tickets.methods.counting import count_merging
        from loft.tickets.methods.direct_counts import count_direct

        if convention.extras and self.aggregation == "direct":
            return count_direct(pretraining)
        return count_merging(pretraining, convention, self.exchanged)

    def host_bytes(self, whole: Sizes, shares: Sequence[Sizes]) -> int:
        """Rank 0 holds W between rounds, and its momentum if buffers are carried."""
        return whole.state_bytes + FLOAT * whole.parameters * self.carries_momentum

    def synchronising_bytes(self, rank: int, own: Sizes, whole: Sizes) -> int:
        """Two pieces of a message, of which one is being read; on rank 0 also W."""
        from loft.tickets.methods.aggregation import PIECE

        message = min(2 * max(PIECE, FLOAT * whole.largest_weight), 2 * own.state_bytes)
        return message + (rank == 0) * self._copies * whole.state_bytes

    def evaluating_bytes(self, whole: Sizes, network: nn.Sequential) -> int:
        """W, and copies of the scaled branches."""
        from loft.tickets.network.blocks import unnormalised_branches

        scaled = 0
        if self.branch_scale != "one":
            names = unnormalised_branches(network)
            scaled = sum(network.get_parameter(name).nbytes for name in names)
        return self._copies * whole.state_bytes + scaled

    @property
    def _copies(self) -> int:
        """Copies of W's size on rank 0: W, and its momentum if buffers are carried."""
        return 1 + self.carries_momentum
