"""A stand-in for CUDA graphs: it captures work on a CPU and replays it on the same memory.

Like a graph it knows no Python: numbers are those of the capture, every operation reads and writes
where it did then, and capturing leaves no trace. Reading a value is refused, as on a GPU.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Tape(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The operations of some work, in order, with what they were given and what came out."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._operations: list[tuple[Any, Any, Any, list[Any]]] = []
        self._own: set[int] = set()  # memory that was taken within the work
        before: dict[int, tuple[Tensor, Tensor]] = {}  # memory from elsewhere, as it was
        self._before = before
        try:
            with self:
                work()
        finally:
            with torch.no_grad():
                for place, value in before.values():
                    place.copy_(value)

    def __torch_dispatch__(
        self, operator: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if operator is torch.ops.aten._local_scalar_dense.default:
            raise RuntimeError("operation not permitted when stream is capturing")
        kwargs = kwargs or {}
        for given in tree_leaves((args, kwargs)):
            if isinstance(given, Tensor) and _memory(given) not in self._own:
                self._before.setdefault(_memory(given), (given.detach(), given.detach().clone()))
        made = operator(*args, **kwargs)
        for new in tree_leaves(made):
            if isinstance(new, Tensor) and _memory(new) not in self._before:
                self._own.add(_memory(new))
        self._operations.append((operator, args, kwargs, tree_leaves(made)))
        return made

    def replay(self) -> None:
        with torch.no_grad():
            for operator, args, kwargs, made in self._operations:
                again = tree_leaves(operator(*args, **kwargs))
                for place, new in zip(made, again, strict=True):
                    if isinstance(place, Tensor) and place.data_ptr() != new.data_ptr():
                        place.copy_(new)


class Taping:
    """A recorder, as `loft.core.training.capture` wants one."""

    def __init__(self) -> None:
        self.warmed = 0
        self.tapes: list[Tape] = []

    def warm(self, work: Callable[[], None]) -> None:
        self.warmed += 1
        work()

    def record(self, work: Callable[[], None]) -> Tape:
        tape = Tape(work)
        self.tapes.append(tape)
        return tape


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
