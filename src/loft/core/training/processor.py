"""Refuse a processor, or a build of torch, that computes a network's layers wrongly.

Libraries choose kernels by processor, shape, layout and precision. Some kernels of oneDNN write
outside their memory or return wrong gradients (see `loft.models.parts.Shortcut`): a training then
crashes without a message or continues with wrong numbers. A training therefore first compares every
kind of layer in its networks with float64, forward and backward.

The check runs in a fork of the process (see `isolated`) and takes some tenths of a second.
"""

import copy
import os
import platform
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from loft.core.errors import UserError
from loft.core.settings.shared import ComputeSettings
from loft.core.training.isolated import Limits, run_isolated
from loft.core.training.learner import move_to_device, precision_context, resolve_precision

TOLERANCE = {
    "float32": 1e-3,
    "bfloat16": 5e-2,
}  # largest deviation, as a share of the largest number
WORK = 2**23  # multiply-adds for each layer, about; determines the number of images
IMAGES = 8  # at most
SECONDS = 60  # after which the fork is ended
LIBRARIES = 2**26  # bytes that libraries take for compiled kernels and scratch space, at most
WHO = "check of the processor"
VARIABLES = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE")


class Layer(NamedTuple):
    """A layer of a network.

    Attributes:
        module: the layer.
        shape: of its input, without the batch.
        work: multiply-adds for one image.
    """

    module: nn.Module
    shape: torch.Size
    work: int

    @property
    def images(self) -> int:
        """Return the number of images for the check."""
        return max(1, min(IMAGES, WORK // self.work))

    def __str__(self) -> str:
        return f"{self.module} on {'x'.join(map(str, self.shape))}"


def layers(networks: Iterable[nn.Module], shape: tuple[int, ...]) -> list[Layer]:
    """Return the convolutions and linear layers of networks, one of each kind.

    Shapes are found by a forward pass of an image of zeros. A pass on device "meta" would take
    seconds, because torch imports its code for computing shapes.

    Args:
        networks: on any device, also "meta"; they are not changed.
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
    """Check that this machine's processor computes the layers of networks correctly.

    Args:
        networks: the networks to be trained; their tensors may be on "meta".
        shape: of an image, (channels, height, width), or of another input.
        compute: settings of the training.

    Raises:
        UserError: it does not. Names the layer, the deviation and the setting that helps.
        JobError: there is too little memory for the check.
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
        f"({processor()}) {fault}; expected {_remedy(given, shape, compute)}"
    )


def processor() -> str:
    """Return the name of this machine's processor and the instructions that torch uses."""
    about = Path("/proc/cpuinfo")
    text = about.read_text(encoding="utf-8", errors="replace") if about.exists() else ""
    name = re.search(r"model name\s*: (.+)", text)
    limits = [f"{key}={os.environ[key]}" for key in VARIABLES if key in os.environ]
    used = torch.backends.cpu.get_cpu_capability()
    return ", ".join([name[1] if name else platform.machine(), used, *limits])


def deviations(layer: Layer, images: int, compute: ComputeSettings) -> Iterator[tuple[str, float]]:
    """Yield the name and the largest deviation (share of the largest number) of each result.

    Args:
        layer: on CPU.
        images: number of random images.
        compute: layout and precision of the layer.
    """
    random = torch.Generator().manual_seed(0)

    def drawn(shape: Iterable[int]) -> Tensor:  # bfloat16 represents these numbers exactly
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
    for found in (expected, output):  # as a sum: passing gradients makes torch import much code
        laid = torch.empty_like(found).copy_(gradient)  # in the output's layout and precision
        torch.autograd.backward((found * laid).sum())
    yield "output", _deviation(output, expected)
    yield "gradient of the input", _deviation(own.grad, x.grad)
    for (name, parameter), right in zip(tested.named_parameters(), exact.parameters(), strict=True):
        yield f"gradient of the {name}", _deviation(parameter.grad, right.grad)


def check(layer: Layer, images: int, compute: ComputeSettings) -> None:
    """Compare a layer with float64. Raises ArithmeticError with the result that deviates."""
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
    """Return which layer is computed wrongly and how, or None. Raises JobError."""

    def check_layers(begin: Callable[[str], None]) -> None:
        begin("a pass through the networks")
        for layer in layers(networks, shape):
            begin(str(layer))
            check(layer, layer.images, compute)

    limits = Limits(compute.threads, SECONDS, _room(networks))
    return run_isolated(check_layers, WHO, limits)


def _room(networks: Sequence[nn.Module]) -> int:
    """Return the bytes that a check of networks takes, about and at most.

    It copies one network at a time, and then one layer several times in float64.
    """
    sizes = [[parameter.numel() for parameter in network.parameters()] for network in networks]
    return LIBRARIES + max(4 * sum(own) + 6 * 8 * max(own) for own in sizes)


def _remedy(networks: Sequence[nn.Module], shape: tuple[int, ...], compute: ComputeSettings) -> str:
    """Return text with the settings for which this processor computes correctly."""
    layout, exact = {"channels_last": not compute.channels_last}, {"precision": "float32"}
    for changes in (layout, exact, layout | exact):
        other = compute.model_copy(update=changes)
        if other != compute and _fault(networks, shape, other) is None:
            texts = [f"compute.{key}: {str(value).lower()}" for key, value in changes.items()]
            return f"{' and '.join(texts)}, which is right here"
    return "another processor or build of torch"
