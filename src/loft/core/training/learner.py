"""A network with its optimiser: steps, learning rates, evaluation, BatchNorm statistics."""

import contextlib
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.sgd import sgd as sgd_update

from loft.core.data.dataset import Batches
from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.training.capture import Replayed, Work, recorder

CUBLAS = "CUBLAS_WORKSPACE_CONFIG", ":4096:8"  # a variable, with which cuBLAS does not vary
EVALUATION_BATCH = 500  # images; affects speed and memory only


@dataclass(frozen=True)
class Tally:
    """What was seen in training: summed loss, correct predictions, images."""

    loss: float = 0.0
    correct: int = 0
    images: int = 0


class Seen:
    """What is seen in training, added up on the device that trains.

    Adding waits for nothing, reading for all that the device was asked to do.
    """

    def __init__(self, device: str) -> None:
        self._sums = torch.zeros(2, dtype=torch.float64, device=device)  # loss, correct predictions
        self._images = 0

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Add a batch's mean loss () and correct predictions, from logits (b, classes)."""
        self._sums[0].add_(loss.detach().double() * len(labels))
        self._sums[1].add_((logits.detach().argmax(1) == labels).sum())

    def count(self, images: int) -> None:
        """Add a number of images, which the host knows."""
        self._images += images

    def read(self) -> Tally:
        loss, correct = self._sums.tolist()
        return Tally(loss, int(correct), self._images)

    def load(self, tally: Tally) -> None:
        """Go on from what was read, in place."""
        self._sums.copy_(torch.tensor([tally.loss, tally.correct], dtype=torch.float64))
        self._images = tally.images


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


def configure_torch(compute: ComputeSettings, device: str) -> None:
    """Set this process up to compute as the settings say, before it computes anything."""
    torch.set_num_threads(compute.threads)
    if compute.deterministic and device.startswith("cuda"):
        os.environ.setdefault(*CUBLAS)
        # No memory is read before it is written, so none has to be filled.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        torch.use_deterministic_algorithms(True)


def wait(device: str) -> None:
    """Wait until a device has done all that it was asked to do; a CPU always has."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def move_to_device(model: nn.Module, compute: ComputeSettings, device: str) -> nn.Module:
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
        self.model = move_to_device(model, compute, device)
        self.device = device
        self._forward = torch.compile(self.model) if compute.compiled else self.model
        self.seen = Seen(device)
        self._precision = compute.precision
        self._sgd = sgd
        self._parameters = dict(self.model.named_parameters())
        by = recorder(compute.captured, device)
        self._replayed = None if by is None else Replayed(by, self.model.zero_grad)
        self._momentum: list[Tensor | None] = [None] * len(self._parameters)
        self.reset_momentum()

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        """Take one SGD step on a batch at learning rate `rate`, and add to what was `seen`."""
        self.model.train()
        self.take(self._advance, images, labels, rate)
        self.seen.count(len(labels))

    def take(self, work: Work, images: Tensor, labels: Tensor, rate: float) -> None:
        """Do a step's work, always the same; it may be captured, so it asks for no value.

        Args:
            work: is given images, labels and the learning rate as `place` returns it.
            images, labels: a batch.
            rate: the learning rate.
        """
        if self._replayed is None:
            work(images, labels, self.place(rate))
        else:
            self._replayed(work, images, labels, self._there(rate))

    def place(self, rate: float) -> float | Tensor:
        """Return a learning rate as updates take it: on the device, but for one that is a CPU."""
        return rate if self.device == "cpu" else self._there(rate)

    def _there(self, rate: float) -> Tensor:
        return torch.full((), rate, device=self.device)

    def _advance(self, images: Tensor, labels: Tensor, rate: float | Tensor) -> None:
        """Take a step."""
        with precision_context(self._precision, self.device):
            logits = self._forward(images)
            loss = F.cross_entropy(logits, labels)
        torch.autograd.backward(loss)
        self.update(rate)
        self.seen.add(loss, logits, labels)

    def update(self, rate: float | Tensor) -> None:
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
        for number, (name, parameter) in enumerate(self._parameters.items()):
            buffer = self._momentum[number]
            if buffer is None:
                buffer = torch.zeros_like(parameter)  # in the parameter's layout
            self._momentum[number] = buffer.copy_(buffers[name])

    def reset_momentum(self) -> None:
        """Start the next step from none, which for a captured step is zeros in the same place."""
        for number, parameter in enumerate(self._parameters.values()):
            buffer = self._momentum[number]
            if self._replayed is None:
                self._momentum[number] = None
            elif buffer is None:
                self._momentum[number] = torch.zeros_like(parameter)
            else:
                buffer.zero_()


def accuracy(model: nn.Module, batches: Batches, precision: str, device: str) -> float:
    """Return the percentage of the test images that a network classifies rightly."""
    model.eval()
    correct, total = torch.zeros((), dtype=torch.int64, device=device), 0
    with torch.inference_mode(), precision_context(precision, device):
        for images, labels in batches.test(EVALUATION_BATCH):
            correct += (model(images).argmax(1) == labels).sum()
            total += len(labels)
    return 100 * int(correct) / total


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
