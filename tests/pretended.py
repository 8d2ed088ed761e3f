"""A GPU that is not there: tensors keep their values in host memory and say that they are on it.

Whatever is given tensors of both places raises, as on a GPU. A place belongs to memory, so views
and what is written in place stay where they are. As on a GPU, copying crosses from one place to the
other, host memory lends single numbers, and indices may come from there; NumPy sees host memory
alone.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode

GPU = "cuda:0"
DEVICE = torch.Tensor.device.__get__
IS_CUDA = torch.Tensor.is_cuda.__get__  # type: ignore[attr-defined]
MOVING = {"to", "cpu", "cuda"}
WRITING = {"copy_", "__set__", "_has_compatible_shallow_copy_type"}
CROSSING = {*MOVING, *WRITING, "type_as"}  # functions that may be given both places
OF_THE_FIRST = {"__deepcopy__"}  # functions whose other arguments do not matter
NUMPY = {"numpy", "__array__"}


class PretendedGpu(TorchFunctionMode):
    """What this process knows of its GPU's memory. Every thread enters it for itself.

    Attributes:
        used: how many blocks of memory were taken there.
    """

    _memory: dict[int, StorageWeakRef]

    def __init__(self) -> None:
        super().__init__()
        self._memory = {}  # a weak reference keeps the number of a block from being given again
        self.used = 0

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "")
        if function == DEVICE:
            return torch.device(GPU) if self.has(args[0]) else function(*args)
        if function == IS_CUDA:
            return self.has(args[0])
        given = [*_tensors(args[:1] if name in OF_THE_FIRST else (args, kwargs))]
        there = [tensor for tensor in given if self.has(tensor)]
        if there and name in NUMPY:
            raise TypeError(f"can't convert {GPU} device type tensor to numpy")
        if there and name not in CROSSING and not (name == "__getitem__" and self.has(given[0])):
            self._check(name, given)
        wanted, args, kwargs = self._placed(name, args, kwargs)
        on_gpu = bool(there) if wanted is None else wanted
        made = function(*args, **kwargs)
        if name in MOVING and on_gpu != bool(there) and made.data_ptr() == given[0].data_ptr():
            made = made.clone()
        if on_gpu and name not in WRITING:
            before = {_block(tensor) for tensor in given}
            for tensor in _tensors(made):
                if _block(tensor) not in before:
                    self._take(tensor)
        return made

    def has(self, tensor: Tensor) -> bool:
        """Whether a tensor is on the GPU."""
        return _block(tensor) in self._memory

    def _take(self, tensor: Tensor) -> None:
        if tensor.device.type == "cpu":  # and not "meta", which is no place
            storage = _unwrapped(tensor).untyped_storage()
            self._memory[storage._cdata] = StorageWeakRef(storage)  # type: ignore[no-untyped-call]
            self.used += 1

    def _check(self, name: str, given: list[Tensor]) -> None:
        """Raise where host memory gives more than a single number."""
        for tensor in given:
            if tensor.dim() and tensor.device.type == "cpu" and not self.has(tensor):
                raise RuntimeError(
                    f"Expected all tensors to be on the same device: {name} was given one on {GPU} "
                    f"and one of shape {[*tensor.shape]} on cpu"
                )

    def _placed(self, name: str, args: Any, kwargs: Any) -> tuple[bool | None, Any, Any]:
        """Return whether a call asks for memory on the GPU, if it asks, and the call for a CPU."""
        asked = [kwargs["device"]] if kwargs.get("device") is not None else []
        if name == "to":
            asked += [value for value in args[1:] if isinstance(value, str | torch.device)]
            places = [self.has(value) for value in args[1:] if isinstance(value, Tensor)]
        else:
            places = {"cpu": [False], "cuda": [True]}.get(name, [])
        if not asked:
            return (places[0] if places else None), args, kwargs
        if torch.device(asked[0]).type == "meta":
            return False, args, kwargs

        def swap(value: Any) -> Any:
            return "cpu" if any(value is one for one in asked) else value

        kwargs = {key: swap(value) for key, value in kwargs.items()}
        return torch.device(asked[0]).type == "cuda", tuple(map(swap, args)), kwargs


def _tensors(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in some arguments or results."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)
    elif isinstance(value, dict):
        yield from _tensors([*value.values()])


def _unwrapped(tensor: Tensor) -> Tensor:
    """Return what torch.func's transforms have wrapped."""
    while torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        tensor = torch._C._functorch.get_unwrapped(tensor)
    return tensor


def _block(tensor: Tensor) -> int:
    """Return the number of a tensor's memory."""
    number: int = _unwrapped(tensor).untyped_storage()._cdata
    return number


@contextmanager
def pretended(patch: pytest.MonkeyPatch, gpus: int = 1) -> Iterator[PretendedGpu]:
    """Let this process, and threads that it starts, see so many GPUs; they use the first."""
    mode = PretendedGpu()
    facts: dict[str, Any] = {
        "device_count": gpus,
        "is_available": True,
        "set_device": None,
        "synchronize": None,
        "max_memory_allocated": 0,
        "get_device_name": "pretended GPU",
    }
    for name, value in facts.items():
        patch.setattr(torch.cuda, name, lambda *_, value=value: value)
    start = threading.Thread.run

    def run(thread: threading.Thread) -> None:
        with mode:
            start(thread)

    patch.setattr(threading.Thread, "run", run)
    with mode:
        yield mode
