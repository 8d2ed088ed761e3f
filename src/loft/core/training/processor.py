"""Refuse a processor, or a build of torch, that computes a network's layers wrongly.

Libraries choose a kernel by processor, shape, layout and precision, and of oneDNN's some write
outside of their memory or return wrong gradients (see `loft.models.parts.Shortcut`): trainings end
without a word, or go on with wrong numbers. So a training first holds every kind of layer that its
networks have, forward and backward, against float64.

It does so in a fork of its process, which lives for some tenths of a second: what writes outside of
its memory there does no harm here, and if the fork ends that is an answer too.
"""

import copy
import faulthandler
import os
import platform
import re
import signal
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from loft.core.errors import UserError
from loft.core.settings.shared import ComputeSettings
from loft.core.training.learner import move_to_device, precision_context, resolve_precision

TOLERANCE = {"float32": 1e-3, "bfloat16": 5e-2}  # of the largest number
WORK = 2**23  # multiply-adds of a layer, about: so many images are taken
IMAGES = 8  # at most
SECONDS = 60  # after which a kernel that does not end is ended
LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE")


class Layer(NamedTuple):
    """A layer of a network.

    Attributes:
        module: the layer.
        shape: of what enters it, without batch.
        work: multiply-adds of an image.
    """

    module: nn.Module
    shape: torch.Size
    work: int

    @property
    def images(self) -> int:
        """Return how many images it is checked with."""
        return max(1, min(IMAGES, WORK // self.work))

    def __str__(self) -> str:
        return f"{self.module} on {'x'.join(map(str, self.shape))}"


def layers(networks: Iterable[nn.Module], shape: tuple[int, ...]) -> list[Layer]:
    """Return the convolutions and linear layers of networks, one of each kind.

    Their shapes are those that an image has on its way; to follow one on "meta" would cost seconds,
    as torch imports what it computes shapes with.

    Args:
        networks: on any device, also "meta"; they stay as they are.
        shape: of an image, (channels, height, width), or of another input.
    """
    found: dict[str, Layer] = {}

    def keep(module: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        layer = Layer(module, inputs[0].shape[1:], module.weight.numel() * output[0, 0].numel())
        found.setdefault(str(layer), layer)

    for network in networks:
        twin = copy.deepcopy(network).eval()
        zeros = {name: torch.zeros(t.shape, dtype=t.dtype) for name, t in twin.state_dict().items()}
        twin.load_state_dict(zeros, assign=True)
        for module in twin.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.register_forward_hook(keep)
        with torch.no_grad():
            twin(torch.zeros(1, *shape))
    for layer in found.values():
        layer.module._forward_hooks.clear()
    return [*found.values()]


def check_processor(
    networks: Iterable[nn.Module], shape: tuple[int, ...], compute: ComputeSettings
) -> None:
    """Check that this machine's processor computes the layers of networks rightly.

    Args:
        networks: that are to be trained, or whose tensors are on "meta".
        shape: of an image, (channels, height, width), or of another input.
        compute: how they are to be trained.

    Raises:
        UserError: it does not: which layer, by how much, and what to set.
    """
    given = [*networks]
    fault = _fault(given, shape, compute)
    if fault is None:
        return
    settings = (
        f"channels_last: {str(compute.channels_last).lower()}, precision: {compute.precision}"
    )
    raise UserError(
        f"compute: found {settings}; with torch {torch.__version__} on this processor "
        f"({processor()}) {fault}; expected {_mend(given, shape, compute)}"
    )


def processor() -> str:
    """Name this machine's processor and the instructions that torch uses of it."""
    about = Path("/proc/cpuinfo")
    text = about.read_text(encoding="utf-8", errors="replace") if about.exists() else ""
    name = re.search(r"model name\s*: (.+)", text)
    limits = [f"{key}={os.environ[key]}" for key in LIMITS if key in os.environ]
    used = torch.backends.cpu.get_cpu_capability()
    return ", ".join([name[1] if name else platform.machine(), used, *limits])


def deviations(layer: Layer, images: int, compute: ComputeSettings) -> Iterator[tuple[str, float]]:
    """Yield what a layer computes, and its largest deviation as a share of the largest number.

    Args:
        layer: on CPU.
        images: how many random ones it is given.
        compute: how.
    """
    random = torch.Generator().manual_seed(0)

    def drawn(shape: Iterable[int]) -> Tensor:  # bfloat16 holds all of them
        return torch.randn([*shape], generator=random).bfloat16().double()

    exact = copy.deepcopy(layer.module).double()
    for parameter in exact.parameters():
        parameter.data.copy_(drawn(parameter.shape))
    tested = move_to_device(copy.deepcopy(exact).float(), compute, "cpu")
    x = drawn((images, *layer.shape))
    own = x.float()
    if compute.channels_last and own.ndim == 4:
        own = own.contiguous(memory_format=torch.channels_last)
    expected = exact(x.requires_grad_())
    with precision_context(compute.precision, "cpu"):
        output = tested(own.requires_grad_())
    gradient = drawn(expected.shape)
    for found in (expected, output):  # as a sum: torch imports much to be given gradients
        laid = torch.empty_like(found).copy_(gradient)  # in the output's layout and precision
        torch.autograd.backward((found * laid).sum())
    yield "output", _deviation(output, expected)
    yield "gradient of the input", _deviation(own.grad, x.grad)
    for (name, parameter), right in zip(tested.named_parameters(), exact.parameters(), strict=True):
        yield f"gradient of the {name}", _deviation(parameter.grad, right.grad)


def check(layer: Layer, images: int, compute: ComputeSettings) -> None:
    """Hold a layer against float64. Raises ArithmeticError: what is off, and by how much."""
    limit = TOLERANCE[resolve_precision(compute.precision, "cpu")]
    for what, off in deviations(layer, images, compute):
        if not off <= limit:
            raise ArithmeticError(
                f"the {what} of {layer} is off by {100 * off:.3g} % of the largest number (right "
                f"is at most {100 * limit:g} %)"
            )


def _deviation(found: Tensor | None, expected: Tensor | None) -> float:
    assert found is not None
    assert expected is not None
    off = (found.detach().double() - expected.detach()).abs().nan_to_num(nan=torch.inf)
    return float(off.max() / expected.detach().abs().max())


def _fault(
    networks: Sequence[nn.Module], shape: tuple[int, ...], compute: ComputeSettings
) -> str | None:
    """Say what a fork found wrong, or how it ended."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():  # of threads of this process, which the fork does without
        warnings.simplefilter("ignore", DeprecationWarning)
        fork = os.fork()
    if not fork:
        _be_the_fork(networks, shape, compute, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as said:
        *_, last = "", *said.read().splitlines()
    status = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
    if status == 0:
        return None
    if status > 0:
        return last
    slow = -status == signal.SIGALRM
    return f"{last} does not end" if slow else f"{last} ends with {signal.Signals(-status).name}"


def _be_the_fork(
    networks: Sequence[nn.Module],
    shape: tuple[int, ...],
    compute: ComputeSettings,
    writer: int,
) -> None:
    """Write which layer is next or what is wrong with it, and end with 0 if nothing is."""
    status = 1

    def examine() -> None:
        nonlocal status
        for layer in layers(networks, shape):
            os.write(writer, f"{layer}\n".encode())
            check(layer, layer.images, compute)
        status = 0

    try:
        faulthandler.disable()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        os.closerange(3, writer)  # with what they lock: this process may be ended and start again
        os.closerange(writer + 1, os.sysconf("SC_OPEN_MAX"))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries have last words
        torch.set_num_threads(compute.threads)
        with ThreadPoolExecutor(1) as fresh:  # OpenMP believes that this thread still has a team
            fresh.submit(examine).result()
    except Exception as error:  # whatever it is, it is this layer's
        os.write(writer, f"{' '.join(str(error).split())}\n".encode())
    finally:
        os._exit(status)


def _mend(networks: Sequence[nn.Module], shape: tuple[int, ...], compute: ComputeSettings) -> str:
    """Say with which settings this processor is right."""
    layout, exact = {"channels_last": not compute.channels_last}, {"precision": "float32"}
    for changes in (layout, exact, layout | exact):
        other = compute.model_copy(update=changes)
        if other != compute and _fault(networks, shape, other) is None:
            texts = [f"compute.{key}: {str(value).lower()}" for key, value in changes.items()]
            return f"{' and '.join(texts)}, which is right here"
    return "another processor or build of torch"
