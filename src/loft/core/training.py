"""A network with its optimiser: steps, learning rates, evaluation, BatchNorm statistics."""

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.sgd import sgd as sgd_update

from loft.core.config import ComputeSettings, SgdSettings
from loft.core.data import Batches

EVALUATION_BATCH = 500  # images; affects speed and memory only


@dataclass
class Tally:
    """What was seen in training: summed loss, correct predictions, images."""

    loss: float = 0.0
    correct: int = 0
    images: int = 0

    def add(self, other: "Tally") -> None:
        self.loss += other.loss
        self.correct += other.correct
        self.images += other.images


def cosine(step: int, steps: int, start: float) -> float:
    """Return the learning rate of a step: half a cosine from `start` at step 0 to 0 at `steps`."""
    return 0.5 * start * (1 + math.cos(math.pi * step / steps))


def resolve_precision(precision: str, device: str) -> str:
    """Say what "auto" means here: bfloat16 where the device computes in it, else float32."""
    if precision != "auto":
        return precision
    native = device.startswith("cuda") or torch.cpu._is_avx512_bf16_supported()
    return "bfloat16" if native else "float32"


@contextlib.contextmanager
def precision_context(precision: str, device: str) -> Iterator[None]:
    """Compute in the resolved precision; parameters and their updates stay float32."""
    lower = resolve_precision(precision, device) == "bfloat16"
    with torch.autocast(device.split(":", maxsplit=1)[0], dtype=torch.bfloat16, enabled=lower):
        yield


def settle(model: nn.Module, compute: ComputeSettings, device: str) -> nn.Module:
    """Move a network to its device, in the layout in memory that it computes in."""
    layout = torch.channels_last if compute.channels_last else torch.contiguous_format
    if not compute.channels_last:  # batches are, and a layer's output follows its input
        model.register_forward_pre_hook(_row_by_row)
    return model.to(device).to(memory_format=layout)


def _row_by_row(_: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
    """Lay a network's input out as `torch.contiguous_format` does, also with a single channel."""
    return (inputs[0].flatten().view_as(inputs[0]),)


class Learner:
    """A network trained by SGD on one device.

    Updates are torch's own function of parameters, gradients and momentum buffers. Its class for
    them would import torch.compile's machinery, which costs each process as much as torch itself.
    """

    def __init__(
        self, model: nn.Module, sgd: SgdSettings, compute: ComputeSettings, device: str
    ) -> None:
        self.model = settle(model, compute, device)
        self.device = device
        self._forward = torch.compile(self.model) if compute.compiled else self.model
        self._precision = compute.precision
        self._sgd = sgd
        self._parameters = dict(self.model.named_parameters())
        self._momentum: list[Tensor | None] = [None] * len(self._parameters)

    def step(self, images: Tensor, labels: Tensor, rate: float) -> Tally:
        """Take one SGD step on a batch at learning rate `rate`."""
        self.model.train()
        with precision_context(self._precision, self.device):
            logits = self._forward(images)
            loss = F.cross_entropy(logits, labels)
        torch.autograd.backward(loss)
        self.update(rate)
        correct = int((logits.detach().argmax(1) == labels).sum())
        return Tally(loss.item() * len(labels), correct, len(labels))

    def update(self, rate: float) -> None:
        """Apply the gradients at hand and let go of them: what comes next may need the room."""
        given = [parameter.grad for parameter in self._parameters.values()]
        gradients = [gradient for gradient in given if gradient is not None]
        assert len(gradients) == len(given)  # every parameter of a network takes part in its loss
        with torch.no_grad():
            sgd_update(
                list(self._parameters.values()),
                gradients,
                self._momentum,
                fused=True,
                lr=rate,
                weight_decay=self._sgd.weight_decay,
                momentum=self._sgd.momentum,
                dampening=0.0,
                nesterov=self._sgd.nesterov,
                maximize=False,
            )
        self.model.zero_grad()

    def state(self) -> dict[str, Tensor]:
        """Return all that the next step depends on: the network's tensors and the momentum."""
        model = {f"model/{name}": tensor for name, tensor in self.model.state_dict().items()}
        momentum = {
            f"momentum/{name}": buffer
            for name, buffer in zip(self._parameters, self._momentum, strict=True)
            if buffer is not None
        }
        return model | momentum

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` returned."""
        self.model.load_state_dict(
            {name: state[f"model/{name}"] for name in self.model.state_dict()}
        )
        momentum = {
            name: state[f"momentum/{name}"]
            for name in self._parameters
            if f"momentum/{name}" in state
        }
        self.reset_momentum()
        if momentum:
            self.load_momentum(momentum)

    def momentum(self) -> dict[str, Tensor]:
        """Return the momentum buffers by parameter name, zeros before the first step."""
        return {
            name: torch.zeros_like(parameter) if buffer is None else buffer
            for (name, parameter), buffer in zip(
                self._parameters.items(), self._momentum, strict=True
            )
        }

    def load_momentum(self, buffers: Mapping[str, Tensor]) -> None:
        """Start the next step from these buffers."""
        self._momentum = [  # in the parameter's layout
            torch.zeros_like(parameter).copy_(buffers[name])
            for name, parameter in self._parameters.items()
        ]

    def reset_momentum(self) -> None:
        self._momentum = [None] * len(self._parameters)


def accuracy(model: nn.Module, batches: Batches, precision: str, device: str) -> float:
    """Return the percentage of the test images that a network classifies rightly."""
    model.eval()
    correct = total = 0
    with torch.inference_mode(), precision_context(precision, device):
        for images, labels in batches.test(EVALUATION_BATCH):
            correct += int((model(images).argmax(1) == labels).sum())
            total += len(labels)
    return 100 * correct / total


def recalibrate_batch_norm(
    model: nn.Module, parts: Iterator[Tensor], precision: str, device: str
) -> None:
    """Replace every BatchNorm's running statistics by averages over `parts`, equally weighted.

    A network merged from several that were trained apart has never seen its own activations;
    its statistics are those of its parts, not its own.
    """
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch's spelling of a cumulative average
    model.train()
    with torch.no_grad(), precision_context(precision, device):
        for part in parts:
            model(part)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.eval()
