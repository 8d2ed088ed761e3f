"""Train a network by SGD: steps, learning rates, evaluation, BatchNorm statistics."""

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

CUBLAS = "CUBLAS_WORKSPACE_CONFIG", ":4096:8"  # the variable that makes cuBLAS deterministic
EVALUATION_BATCH = 500  # images; affects speed and memory only


@dataclass(frozen=True)
class Tally:
    """Sums over the training images seen: loss, correct predictions, number of images."""

    loss: float = 0.0
    correct: int = 0
    images: int = 0


class Seen:
    """Adds up loss and correct predictions of training, on the device that trains.

    Adding does not wait for the device; reading waits until the device is idle.
    """

    def __init__(self, device: str) -> None:
        self._sums = torch.zeros(2, dtype=torch.float64, device=device)  # loss, correct predictions
        self._images = 0

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Add a batch's mean loss () and correct predictions, from logits (b, classes)."""
        self._sums[0].add_(loss.detach().double() * len(labels))
        self._sums[1].add_((logits.detach().argmax(1) == labels).sum())

    def count(self, images: int) -> None:
        """Add a number of images; it is kept on the host."""
        self._images += images

    def read(self) -> Tally:
        loss, correct = self._sums.tolist()
        return Tally(loss, int(correct), self._images)

    def load(self, tally: Tally) -> None:
        """Set the sums to those of a tally, in place."""
        self._sums.copy_(torch.tensor([tally.loss, tally.correct], dtype=torch.float64))
        self._images = tally.images


def cosine(step: int, steps: int, start: float) -> float:
    """Return a step's learning rate: half a cosine from `start` at step 0 to 0 at `steps`."""
    return 0.5 * start * (1 + math.cos(math.pi * step / steps))


def resolve_precision(precision: str, device: str) -> str:
    """Resolve "auto": bfloat16 where the device computes in it natively, else float32."""
    if precision != "auto":
        return precision
    native = device.startswith("cuda") or torch.cpu._is_avx512_bf16_supported()
    return "bfloat16" if native else "float32"


@contextlib.contextmanager
def precision_context(precision: str, device: str) -> Iterator[None]:
    """Compute in the resolved precision inside; parameters and their updates stay float32."""
    lower = resolve_precision(precision, device) == "bfloat16"
    with torch.autocast(device.split(":", maxsplit=1)[0], dtype=torch.bfloat16, enabled=lower):
        yield


def configure_torch(compute: ComputeSettings, device: str) -> None:
    """Configure torch in this process as the settings say. Call it before any computation."""
    torch.set_num_threads(compute.threads)
    if compute.deterministic and device.startswith("cuda"):
        os.environ.setdefault(*CUBLAS)
        # The code never reads memory before writing it, so torch need not fill it.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        torch.use_deterministic_algorithms(True)


def wait(device: str) -> None:
    """Wait until a GPU has finished all queued work; a CPU has no queue."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def move_to_device(model: nn.Module, compute: ComputeSettings, device: str) -> nn.Module:
    """Move a network to its device and to the memory layout of the settings."""
    layout = torch.channels_last if compute.channels_last else torch.contiguous_format
    if (
        not compute.channels_last
    ):  # batches are channels-last, and layers keep the layout of their input
        model.register_forward_pre_hook(_row_by_row)
    return model.to(device).to(memory_format=layout)


def _row_by_row(_: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
    """Copy a network's input to `torch.contiguous_format`, also with a single channel."""
    return (inputs[0].flatten().view_as(inputs[0]),)


class Learner:
    """A network trained by SGD on one device.

    Updates call torch's function for SGD. The class `torch.optim.SGD` would import the code of
    torch.compile, which takes each process as long as importing torch itself.
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
        norms = [module for module in self.model.modules() if isinstance(module, nn.BatchNorm2d)]
        self._scales = [norm.weight for norm in norms] if sgd.scale_penalty else []
        by = recorder(compute.captured, device)
        self._replayed = None if by is None else Replayed(by, self.model.zero_grad)
        self._momentum: list[Tensor | None] = [None] * len(self._parameters)
        self.reset_momentum()

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        """Take one SGD step on a batch at learning rate `rate`; add the batch to `seen`."""
        self.model.train()
        self.take(self._advance, images, labels, rate)
        self.seen.count(len(labels))

    def take(self, work: Work, images: Tensor, labels: Tensor, rate: float) -> None:
        """Run the work of a step, always the same; it may be captured, so it must read no value.

        Args:
            work: takes images, labels and the learning rate as `place` returns it.
            images, labels: a batch.
            rate: the learning rate.
        """
        if self._replayed is None:
            work(images, labels, self.place(rate))
        else:
            self._replayed(work, images, labels, self._there(rate))

    def place(self, rate: float) -> float | Tensor:
        """Return a learning rate as updates take it: a number on a CPU, else a tensor there."""
        return rate if self.device == "cpu" else self._there(rate)

    def _there(self, rate: float) -> Tensor:
        return torch.full((), rate, device=self.device)

    def _advance(self, images: Tensor, labels: Tensor, rate: float | Tensor) -> None:
        """Compute the loss and its gradients, update the parameters and add to `seen`."""
        with precision_context(self._precision, self.device):
            logits = self._forward(images)
            loss = F.cross_entropy(logits, labels)
        torch.autograd.backward(loss)
        self.update(rate)
        self.seen.add(loss, logits, labels)

    def update(self, rate: float | Tensor) -> None:
        """Apply the gradients and free them, because the next work may need the memory.

        The penalty on BatchNorm's scales adds its subgradient, weight times sign(gamma).
        """
        given = [parameter.grad for parameter in self._parameters.values()]
        gradients = [gradient for gradient in given if gradient is not None]
        assert len(gradients) == len(given)  # every parameter of a network affects its loss
        with torch.no_grad():
            for scale in self._scales:
                assert scale.grad is not None
                scale.grad.add_(scale.sign(), alpha=self._sgd.scale_penalty)
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
        """Return the training state: the network's tensors and the momentum buffers."""
        model = {f"model/{name}": tensor for name, tensor in self.model.state_dict().items()}
        momentum = {
            f"momentum/{name}": buffer
            for name, buffer in zip(self._parameters, self._momentum, strict=True)
            if buffer is not None
        }
        return model | momentum

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from a training state."""
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
        """Clear the momentum; captured steps need their buffers, which are set to zero in place."""
        for number, parameter in enumerate(self._parameters.values()):
            buffer = self._momentum[number]
            if self._replayed is None:
                self._momentum[number] = None
            elif buffer is None:
                self._momentum[number] = torch.zeros_like(parameter)
            else:
                buffer.zero_()


def count_parameters(model: nn.Module) -> int:
    """Return how many numbers are trained."""
    return sum(parameter.numel() for parameter in model.parameters())


@dataclass(frozen=True)
class Tested:
    """A network on the test images: percentage of correct predictions, and mean cross-entropy."""

    accuracy: float
    loss: float


def evaluate(model: nn.Module, batches: Batches, precision: str, device: str) -> Tested:
    """Evaluate a network on the test images."""
    model.eval()
    seen = Seen(device)
    with torch.inference_mode(), precision_context(precision, device):
        for images, labels in batches.test(EVALUATION_BATCH):
            logits = model(images)
            seen.add(F.cross_entropy(logits, labels), logits, labels)
            seen.count(len(labels))
    tally = seen.read()
    return Tested(100 * tally.correct / tally.images, tally.loss / tally.images)


def recalibrate_batch_norm(
    model: nn.Module, parts: Iterator[Tensor], precision: str, device: str
) -> None:
    """Replace every BatchNorm's running statistics by averages over `parts`, equally weighted.

    A network that was merged from separately trained parts has the statistics of these parts, which
    differ from those of its own activations.
    """
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # makes torch compute a cumulative average
    model.train()
    with torch.no_grad(), precision_context(precision, device):
        for part in parts:
            model(part)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.eval()
