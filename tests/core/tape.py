"""A stand-in for CUDA graphs: it captures work on a CPU and replays it on the same memory.

Like a graph it knows no Python: numbers are those of the capture, and every operation writes where
it wrote then. Reading a value out of a tensor is refused, as it is on a GPU.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Tape(TorchDispatchMode):
    """The operations of some work, in order, with what they were given and what came out."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._operations: list[tuple[Any, Any, Any, Any]] = []
        with self:
            work()

    def __torch_dispatch__(
        self, operator: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if operator is torch.ops.aten._local_scalar_dense.default:
            raise RuntimeError("operation not permitted when stream is capturing")
        made = operator(*args, **(kwargs or {}))
        self._operations.append((operator, args, kwargs or {}, made))
        return made

    def replay(self) -> None:
        with torch.no_grad():
            for operator, args, kwargs, made in self._operations:
                for place, new in zip(
                    tree_leaves(made), tree_leaves(operator(*args, **kwargs)), strict=True
                ):
                    if isinstance(place, Tensor) and place.data_ptr() != new.data_ptr():
                        place.copy_(new)


class Taping:
    """A recorder, as `loft.core.capture` wants one. Unlike a GPU it does what it captures.

    So what work changes is put back after the capture.
    """

    def __init__(self, *kept: Tensor) -> None:
        self.tapes: list[Tape] = []
        self.kept = [*kept]

    def warm(self, work: Callable[[], None]) -> None:
        work()

    def record(self, work: Callable[[], None]) -> Tape:
        before = [tensor.detach().clone() for tensor in self.kept]
        tape = Tape(work)
        with torch.no_grad():
            for tensor, value in zip(self.kept, before, strict=True):
                tensor.copy_(value)
        self.tapes.append(tape)
        return tape
