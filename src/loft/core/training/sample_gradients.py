"""Compute a network's gradients sample by sample, and the sums in gradient diversity.

BatchNorm in training mode mixes samples, so a single sample has no gradient: use evaluation mode
(fixed statistics) or GroupNorm.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.modules.batchnorm import _BatchNorm

Loss = Callable[[Tensor, Tensor], Tensor]  # outputs (b, ...), targets (b, ...) -> sum of losses ()
Weights = dict[str, Tensor]


class Sums(NamedTuple):
    """Sums over n vectors.

    Attributes:
        samples: n.
        squares: sum_i ||g_i||^2.
        together: ||sum_i g_i||^2.
    """

    samples: int
    squares: float
    together: float


def sums(chunks: Iterable[Tensor]) -> Sums:
    """Compute the sums of vectors given in chunks (b, d), in float64."""
    samples, squares, total = 0, 0.0, torch.zeros((), dtype=torch.float64)
    for chunk in chunks:
        samples += len(chunk)
        squares += float(chunk.square().sum(dtype=torch.float64))
        total = total + chunk.sum(0, dtype=torch.float64)
    return Sums(samples, squares, float(total.square().sum()))


class PerSample:
    """A network's gradients, sample by sample.

    Args:
        model: in the mode (training or evaluation) of the measurement.
        loss: of outputs and targets, summed over the batch.
        memory: approximate bytes for the gradients and saved activations of a chunk.

    Attributes:
        weights: the network's trained parameters by name; not copies.

    Raises:
        ValueError: the network has BatchNorm in training mode.
    """

    def __init__(self, model: nn.Module, loss: Loss, memory: int = 2**28) -> None:
        if any(isinstance(part, _BatchNorm) and part.training for part in model.modules()):
            raise ValueError("BatchNorm in training mode has no per-sample gradients")
        self.model, self.loss, self.memory = model, loss, memory
        self._sizes: dict[torch.Size, int] = {}  # of chunks, by the shape of an input
        trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.weights = {name: p.detach() for name, p in trained.items()}

    def chunks(
        self, inputs: Tensor, targets: Tensor, weights: Weights | None = None
    ) -> Iterator[Tensor]:
        """Yield the gradients (b, d) of one chunk of samples after another, in order.

        Args:
            inputs, targets: (n, ...).
            weights: by name; None means the network's own.
        """
        at = self.weights if weights is None else weights

        def of_one(w: Weights, x: Tensor, y: Tensor) -> Tensor:
            return self.loss(functional_call(self.model, w, (x[None],)), y[None])

        size = self._chunk(inputs, targets)
        for x, y in zip(torch.split(inputs, size), torch.split(targets, size), strict=True):
            found = vmap(grad(of_one), in_dims=(None, 0, 0))(at, x, y)
            yield torch.cat([part.flatten(1) for part in found.values()], 1)

    def _chunk(self, inputs: Tensor, targets: Tensor) -> int:
        """Return how many samples fit into `memory`."""
        shape = inputs.shape[1:]
        if shape not in self._sizes:
            size = sum(w.numel() * w.element_size() for w in self.weights.values())
            needed = 5 * size + self._saved(
                inputs[:1], targets[:1]
            )  # 5: gradients, temporary copies and random draws
            self._sizes[shape] = max(1, self.memory // needed)
        return self._sizes[shape]

    def _saved(self, inputs: Tensor, targets: Tensor) -> int:
        """Return the bytes that the forward pass saves for the backward pass."""
        kept = 0

        def count(tensor: Tensor) -> Tensor:
            nonlocal kept
            kept += tensor.numel() * tensor.element_size()
            return tensor

        with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(count, lambda t: t):
            self.loss(self.model(inputs), targets)
        return kept
