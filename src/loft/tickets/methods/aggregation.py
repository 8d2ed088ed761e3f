"""Bring LoFT's workers together after a round: through rank 0, or from worker to worker.

Both do lines 4, 5 and 9 of Algorithm 1 with the same result. In the star rank 0 receives every
network, puts the filters back, averages the rest and sends every worker its next network. In the
direct exchange the shared tensors are averaged in a ring, a filter that changes hands goes straight
from its old worker to its new one, one that stays is not sent, and rank 0 collects the filters once
an epoch.

Rank 0 needs W from the end of a round to the beginning of the next, not while workers train, and so
trains in as much memory as the others: a round's beginning takes W out and its end puts it in.

A partition may leave filters out. Those that no worker has in a round stay with rank 0 as they are,
until a worker gets them.

Legend: S workers, P_t the partition of round t, W the whole network's tensors.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from torch import Tensor

from loft.core.processes.workers import Workers
from loft.tickets.methods.filter_sets import common, left_out, moving, number, places, put
from loft.tickets.methods.partition import aggregate
from loft.tickets.methods.transfer import elements, pack, unpack, views
from loft.tickets.network.blocks import Filters, narrow

Tensors = dict[str, Tensor]
Draw = Callable[[int], list[Filters]]  # t -> P_t
PIECE = 2**24  # bytes of W that travel at a time; one tensor may be more


class Star:
    """Everything through rank 0, which holds W in host memory between rounds.

    Args:
        workers: the job's.
        whole: W on rank 0, elsewhere empty.
        like: W's tensors that travel, in order, without values on "meta".
        draw: gives the partition of a round.

    Attributes:
        round: t, counted from 0.
        left: on rank 0 during a round, the filters of W that no worker has, in host memory.
    """

    def __init__(self, workers: Workers, whole: Tensors, like: Tensors, draw: Draw) -> None:
        self._workers, self._whole, self._like, self._draw = workers, whole, like, draw
        self.round = 0
        self.left: Tensors = {}

    def distribute(self, own: Tensors) -> None:
        """Fill `own`, this worker's tensors in the order in which they travel, for the round."""
        partition = self._draw(self.round)
        unused = left_out(partition, self._like)
        for names in pieces(self._like):
            mine = {name: own[name] for name in names}
            if self._workers.rank > 0:
                unpack(self._workers.receive(elements(mine), source=0), mine)
                continue
            travelling = {name: self._whole.pop(name) for name in names}
            if number(unused):
                self.left.update(narrow(moving(travelling, unused), unused))
            for worker in range(1, self._workers.size):
                part = pack(narrow(travelling, partition[worker]))
                self._workers.send(part.to(self._workers.device), to=worker)
            unpack(pack(narrow(travelling, partition[0])).to(self._workers.device), mine)

    def aggregate(self, own: Tensors, collect: bool) -> None:
        """End the round with what this worker trained. If `collect`, W is whole afterwards."""
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
        """Return W and the filters left out, where they are, and the round."""
        whole = {f"whole/{name}": tensor for name, tensor in self._whole.items()}
        left = {f"left/{name}": tensor for name, tensor in self.left.items()}
        return whole | left | {"round": torch.tensor(self.round)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` returned."""
        for prefix, tensors in {"whole/": self._whole, "left/": self.left}.items():
            found = {n.removeprefix(prefix): state[n] for n in state if n.startswith(prefix)}
            tensors.update(found)
        self.round = int(state["round"])

    def _take_room(self, names: Iterable[str]) -> None:
        """Put tensors into W whose values are to be written, but for filters that no worker has."""
        for name in names:
            self._whole[name] = torch.empty_like(self._like[name], device="cpu")
        if left := {name: self.left[name] for name in names if name in self.left}:
            put(self._whole, left_out(self._draw(self.round), self._like), left)

    def _parts(self, own: Tensors) -> Iterator[tuple[Tensors, Filters]]:
        """Yield every worker's trained tensors and its filters, in order of rank."""
        partition = self._draw(self.round)
        yield {name: tensor.cpu() for name, tensor in own.items()}, partition[0]
        for worker in range(1, self._workers.size):
            like = self._narrowed(own, partition[worker])
            buffer = self._workers.receive(elements(like), source=worker)
            yield views(buffer.cpu(), like), partition[worker]

    def _narrowed(self, names: Iterable[str], filters: Filters) -> Tensors:
        """Return another worker's tensors without values."""
        return narrow({name: self._like[name] for name in names}, filters)


class Direct(Star):
    """Shared tensors in a ring, filters from worker to worker; a star before the first round."""

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
        """Turn this worker's filters of P_t into those of P_t+1, in place."""
        me = self._workers.rank
        stays = common(before[me], after[me])
        arrived = [(stays, narrow(parted, places(before[me], stays)))]
        for pair in itertools.combinations(range(self._workers.size), 2):
            if me not in pair:
                continue
            other = pair[1] if me == pair[0] else pair[0]
            gives, takes = common(before[me], after[other]), common(before[other], after[me])
            outgoing = pack(narrow(parted, places(before[me], gives)))
            like = narrow(parted, {path: torch.zeros_like(kept) for path, kept in takes.items()})
            if me == pair[0]:  # one sends first while the other receives
                self._workers.send(outgoing, to=other)
            buffer = self._workers.receive(elements(like), source=other)
            if me == pair[1]:
                self._workers.send(outgoing, to=other)
            arrived.append((takes, views(buffer, like)))
        unused, spare = left_out(before, self._like), left_out(after, self._like)
        if number(unused) or number(spare):
            arrived.append(self._swap(parted, before, after, (unused, spare)))
        for kept, part in arrived:
            put(parted, places(after[me], kept), part)

    def _swap(
        self,
        parted: Tensors,
        before: list[Filters],
        after: list[Filters],
        left: tuple[Filters, Filters],
    ) -> tuple[Filters, Tensors]:
        """Give rank 0 the filters that no worker has next; return those that none had before."""
        me, (unused, spare) = self._workers.rank, left
        gives, takes = common(before[me], spare), common(unused, after[me])
        outgoing = narrow(parted, places(before[me], gives))
        if me > 0:
            if number(gives):
                self._workers.send(pack(outgoing), to=0)
            like = narrow(parted, {path: torch.zeros_like(kept) for path, kept in takes.items()})
            if not number(takes):
                return takes, like
            return takes, views(self._workers.receive(elements(like), source=0), like)
        stays = common(unused, spare)
        kept = [(stays, narrow(self.left, places(unused, stays)))]
        kept.append((gives, {name: tensor.cpu() for name, tensor in outgoing.items()}))
        for worker in range(1, self._workers.size):
            comes, goes = common(before[worker], spare), common(unused, after[worker])
            if number(comes):
                like = self._narrowed(parted, comes)
                buffer = self._workers.receive(elements(like), source=worker)
                kept.append((comes, views(buffer.cpu(), like)))
            if number(goes):
                flat = pack(narrow(self.left, places(unused, goes)))
                self._workers.send(flat.to(self._workers.device), to=worker)
        taken = narrow(self.left, places(unused, takes))
        shapes = self._narrowed(parted, spare)
        self.left = {name: torch.empty_like(like, device="cpu") for name, like in shapes.items()}
        for filters, part in kept:
            put(self.left, places(spare, filters), part)
        return takes, taken

    def _collect(self, parted: Tensors, shared: Tensors, partition: list[Filters]) -> None:
        """Make W whole on rank 0."""
        if self._workers.rank > 0:
            self._workers.send(pack(parted), to=0)
            return
        self._take_room(self._like)
        for name, tensor in shared.items():
            self._whole[name].copy_(tensor)
        put(self._whole, partition[0], {name: tensor.cpu() for name, tensor in parted.items()})
        for worker in range(1, self._workers.size):
            like = self._narrowed(parted, partition[worker])
            buffer = self._workers.receive(elements(like), source=worker)
            put(self._whole, partition[worker], views(buffer.cpu(), like))


AGGREGATIONS: dict[str, type[Star]] = {"star": Star, "direct": Direct}


def pieces(whole: Tensors) -> Iterator[list[str]]:
    """Yield the names of W's tensors in order, so many at a time as PIECE allows, at least one."""
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
