"""Merge LoFT's workers after a round and hand out the next round's parts.

`Star` sends everything through rank 0, `Direct` sends filters from worker to worker. Both carry out
lines 4, 5 and 9 of Algorithm 1, with the same result up to rounding.

Star: rank 0 receives every worker's network, puts the filters back, averages the other tensors and
sends every worker its next network. Direct: a ring all-reduce averages the shared tensors. A filter
that changes workers is sent from the old worker to the new one; a filter that stays is not sent.
Rank 0 collects all filters once an epoch.

Rank 0 needs W only where a round ends. `Star` fills W there after every round, `Direct` after an
epoch's last round only (`collect`). W's memory is released when the next round begins, so rank 0
trains in as much memory as the other workers.

A partition may leave filters out. Filters that no worker has in a round stay unchanged on rank 0.

Legend: S workers, P_t the partition of round t, W the whole network's tensors.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from torch import Tensor

from loft.core.processes.workers import Workers
from loft.tickets.methods.filter_sets import common, count, left_out, moving, positions, put_back
from loft.tickets.methods.partition import aggregate
from loft.tickets.methods.transfer import elements, pack, unpack, views
from loft.tickets.network.blocks import Filters, narrow

Tensors = dict[str, Tensor]
Draw = Callable[[int], list[Filters]]  # t -> P_t
PIECE = 2**24  # bytes of W that are sent at a time; a single tensor may be larger


class Star:
    """Send everything through rank 0, which holds W in host memory between rounds.

    Args:
        workers: the workers of the job.
        whole: W on rank 0; empty on other ranks.
        like: the tensors of W that are sent, in order, on "meta" (without values).
        draw: returns the partition of a round.

    Attributes:
        round: t, counted from 0.
        left: on rank 0 during a round, the filters of W that no worker has, in host memory.
    """

    def __init__(self, workers: Workers, whole: Tensors, like: Tensors, draw: Draw) -> None:
        self._workers, self._whole, self._like, self._draw = workers, whole, like, draw
        self.round = 0
        self.left: Tensors = {}

    def distribute(self, own: Tensors) -> None:
        """Fill `own`, this worker's tensors in the order in which they are sent, for the round."""
        partition = self._draw(self.round)
        unused = left_out(partition, self._like)
        for names in pieces(self._like):
            mine = {name: own[name] for name in names}
            if self._workers.rank > 0:
                unpack(self._workers.receive(elements(mine), source=0), mine)
                continue
            travelling = {name: self._whole.pop(name) for name in names}
            if count(unused):
                self.left.update(narrow(moving(travelling, unused), unused))
            for worker in range(1, self._workers.size):
                part = pack(narrow(travelling, partition[worker]))
                self._workers.send(part.to(self._workers.device), to=worker)
            unpack(pack(narrow(travelling, partition[0])).to(self._workers.device), mine)

    def aggregate(self, own: Tensors, collect: bool) -> None:
        """End the round with the trained tensors `own`. If `collect`, rank 0 then has all of W."""
        for names in pieces(self._like):
            mine = {name: own[name] for name in names}
            if self._workers.rank == 0:
                self._take_room(names)
                aggregate(self._whole, self._parts(mine), self._workers.size)
            else:
                self._workers.send(pack(mine), to=0)
        self.left.clear()
        self.round += 1

    def state(self) -> Tensors:
        """Return the round and, on rank 0, W and the filters left out."""
        whole = {f"whole/{name}": tensor for name, tensor in self._whole.items()}
        left = {f"left/{name}": tensor for name, tensor in self.left.items()}
        return whole | left | {"round": torch.tensor(self.round)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from what `state` returned."""
        for prefix, tensors in {"whole/": self._whole, "left/": self.left}.items():
            found = {n.removeprefix(prefix): state[n] for n in state if n.startswith(prefix)}
            tensors.update(found)
        self.round = int(state["round"])

    def _take_room(self, names: Iterable[str]) -> None:
        """Allocate tensors of W. Only filters that no worker has get their values here."""
        for name in names:
            self._whole[name] = torch.empty_like(self._like[name], device="cpu")
        if left := {name: self.left[name] for name in names if name in self.left}:
            put_back(self._whole, left_out(self._draw(self.round), self._like), left)

    def _parts(self, own: Tensors) -> Iterator[tuple[Tensors, Filters]]:
        """Yield every worker's trained tensors and its filters, in order of rank."""
        partition = self._draw(self.round)
        yield {name: tensor.cpu() for name, tensor in own.items()}, partition[0]
        for worker in range(1, self._workers.size):
            like = self._narrowed(own, partition[worker])
            buffer = self._workers.receive(elements(like), source=worker)
            yield views(buffer.cpu(), like), partition[worker]

    def _narrowed(self, names: Iterable[str], filters: Filters) -> Tensors:
        """Return tensors with another worker's shapes, without values."""
        return narrow({name: self._like[name] for name in names}, filters)


class Direct(Star):
    """Average shared tensors in a ring and send filters from worker to worker.

    Before the first round rank 0 sends every worker its network, as in the star.
    """

    def distribute(self, own: Tensors) -> None:
        if self.round == 0:
            super().distribute(own)
        for name in own:
            self._whole.pop(name, None)

    def aggregate(self, own: Tensors, collect: bool) -> None:
        before, after = self._draw(self.round), self._draw(self.round + 1)
        parted = moving(own, before[0])
        shared = {name: tensor for name, tensor in own.items() if name not in parted}
        unpack(self._workers.average(pack(shared)), shared)
        self._exchange(parted, before, after)
        self.round += 1
        if collect:
            self._collect(parted, shared, after)

    def _exchange(self, parted: Tensors, before: list[Filters], after: list[Filters]) -> None:
        """Replace this worker's filters of P_t by those of P_t+1, in place."""
        me = self._workers.rank
        stays = common(before[me], after[me])
        arrived = [(stays, narrow(parted, positions(before[me], stays)))]
        for pair in itertools.combinations(range(self._workers.size), 2):
            if me not in pair:
                continue
            other = pair[1] if me == pair[0] else pair[0]
            gives, takes = common(before[me], after[other]), common(before[other], after[me])
            outgoing = pack(narrow(parted, positions(before[me], gives)))
            like = narrow(parted, {path: torch.zeros_like(kept) for path, kept in takes.items()})
            if me == pair[0]:  # one sends first while the other receives
                self._workers.send(outgoing, to=other)
            buffer = self._workers.receive(elements(like), source=other)
            if me == pair[1]:
                self._workers.send(outgoing, to=other)
            arrived.append((takes, views(buffer, like)))
        unused, spare = left_out(before, self._like), left_out(after, self._like)
        if count(unused) or count(spare):
            arrived.append(self._swap(parted, before, after, (unused, spare)))
        for kept, part in arrived:
            put_back(parted, positions(after[me], kept), part)

    def _swap(
        self,
        parted: Tensors,
        before: list[Filters],
        after: list[Filters],
        left: tuple[Filters, Filters],
    ) -> tuple[Filters, Tensors]:
        """Exchange filters with rank 0.

        Send rank 0 the filters that no worker has in the next round. Return this worker's new
        filters that no worker had before.
        """
        me, (unused, spare) = self._workers.rank, left
        gives, takes = common(before[me], spare), common(unused, after[me])
        outgoing = narrow(parted, positions(before[me], gives))
        if me > 0:
            if count(gives):
                self._workers.send(pack(outgoing), to=0)
            like = narrow(parted, {path: torch.zeros_like(kept) for path, kept in takes.items()})
            if not count(takes):
                return takes, like
            return takes, views(self._workers.receive(elements(like), source=0), like)
        stays = common(unused, spare)
        kept = [(stays, narrow(self.left, positions(unused, stays)))]
        kept.append((gives, {name: tensor.cpu() for name, tensor in outgoing.items()}))
        for worker in range(1, self._workers.size):
            comes, goes = common(before[worker], spare), common(unused, after[worker])
            if count(comes):
                like = self._narrowed(parted, comes)
                buffer = self._workers.receive(elements(like), source=worker)
                kept.append((comes, views(buffer.cpu(), like)))
            if count(goes):
                flat = pack(narrow(self.left, positions(unused, goes)))
                self._workers.send(flat.to(self._workers.device), to=worker)
        taken = narrow(self.left, positions(unused, takes))
        shapes = self._narrowed(parted, spare)
        self.left = {name: torch.empty_like(like, device="cpu") for name, like in shapes.items()}
        for filters, part in kept:
            put_back(self.left, positions(spare, filters), part)
        return takes, taken

    def _collect(self, parted: Tensors, shared: Tensors, partition: list[Filters]) -> None:
        """Gather all of W on rank 0."""
        if self._workers.rank > 0:
            self._workers.send(pack(parted), to=0)
            return
        self._take_room(self._like)
        for name, tensor in shared.items():
            self._whole[name].copy_(tensor)
        put_back(self._whole, partition[0], {name: tensor.cpu() for name, tensor in parted.items()})
        for worker in range(1, self._workers.size):
            like = self._narrowed(parted, partition[worker])
            buffer = self._workers.receive(elements(like), source=worker)
            put_back(self._whole, partition[worker], views(buffer.cpu(), like))


AGGREGATIONS: dict[str, type[Star]] = {"star": Star, "direct": Direct}


def pieces(whole: Tensors) -> Iterator[list[str]]:
    """Yield the names of W's tensors in order, in lists of at most PIECE bytes or one tensor."""
    names: list[str] = []
    size = 0
    for name, tensor in whole.items():
        if names and size + tensor.nbytes > PIECE:
            yield names
            names, size = [], 0
        names.append(name)
        size += tensor.nbytes
    if names:
        yield names
