"""Build the models: logistic regression, the small "cuda-convnet" and residual networks.

No layer mixes samples, so per-sample gradients exist in training mode: BatchNorm is replaced by
GroupNorm.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from loft.core.training.sample_gradients import PerSample, Weights
from loft.models import NETWORKS
from loft.models.build import build

GROUPS = 8  # largest number of groups of a GroupNorm


def binary_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the sum of log(1 + exp(-y w.x)) for outputs (b, 1) and classes 0 and 1 (b,)."""
    signs = 2 * targets.to(outputs.dtype) - 1
    return F.softplus(-signs * outputs.squeeze(-1)).sum()


def entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the sum of the cross-entropy for outputs (b, classes) and classes (b,)."""
    return F.cross_entropy(outputs, targets, reduction="sum")


class LogisticSamples(PerSample):
    """Gradients of logistic regression in closed form: (sigma(w.x) - y) x."""

    def __init__(self, features: int, memory: int) -> None:
        model = nn.Linear(features, 1, bias=False)
        nn.init.zeros_(model.weight)  # the loss is convex
        super().__init__(model, binary_entropy, memory)

    def chunks(
        self, inputs: Tensor, targets: Tensor, weights: Weights | None = None
    ) -> Iterator[Tensor]:
        row = (self.weights if weights is None else weights)["weight"][0]
        size = max(1, self.memory // (3 * row.numel() * row.element_size()))
        for x, y in zip(torch.split(inputs, size), torch.split(targets, size), strict=True):
            yield (torch.sigmoid(x @ row) - y)[:, None] * x


def build_model(
    name: str, memory: int, *, channels: int, size: int, classes: int, seed: int, **own: Any
) -> PerSample:
    """Build a model with per-sample gradients and initial weights from `seed`.

    Args:
        name: "logistic", "convnet" or a key of `NETWORKS`.
        memory: bytes that per-sample gradients may take.
        channels, size: shape of the images; `size` is pixels a side.
        classes: number of classes.
        own: the settings that only this model has.
    """
    if name == "logistic":
        return LogisticSamples(channels * size**2, memory)
    if name in NETWORKS:
        network = build(name, channels=channels, size=size, classes=classes, seed=seed, **own)
        return PerSample(group_normalised(network), entropy, memory)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return PerSample(convnet(channels, size, classes, **own), entropy, memory)


def convnet(channels: int, size: int, classes: int, width: int) -> nn.Sequential:
    """Build Krizhevsky's quick cuda-convnet; with width 32 it has 145,578 weights on CIFAR-10.

    Three 5x5 convolutions with width, width and 2 width outputs, each followed by ReLU and 3x3
    pooling of stride 2 (maximum, then mean twice); then two linear layers. Initial weights are
    drawn as in He et al. (2015).
    """
    network, inputs = nn.Sequential(), channels
    for outputs, pool in ((width, nn.MaxPool2d), (width, nn.AvgPool2d), (2 * width, nn.AvgPool2d)):
        network.append(nn.Conv2d(inputs, outputs, 5, padding=2))
        network.append(nn.ReLU())
        network.append(pool(3, stride=2, padding=1))
        inputs, size = outputs, (size + 1) // 2
    network.append(nn.Flatten())
    network.append(nn.Linear(inputs * size**2, inputs))
    network.append(nn.Linear(inputs, classes))
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.Linear):  # fan-in, because layers widen
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network


def group_normalised(network: nn.Module) -> nn.Module:
    """Replace every BatchNorm by a GroupNorm of at most `GROUPS` groups, in place."""
    for module in [*network.modules()]:
        for name, child in module.named_children():
            if isinstance(child, nn.BatchNorm2d):
                groups = next(g for g in range(GROUPS, 0, -1) if child.num_features % g == 0)
                setattr(module, name, nn.GroupNorm(groups, child.num_features))
    return network
