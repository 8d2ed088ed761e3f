"""Make small models and images for the tests."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from loft.core.training.sample_gradients import PerSample


def squared(outputs: Tensor, targets: Tensor) -> Tensor:
    return 0.5 * (outputs.squeeze(-1) - targets).square().sum()


def entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(outputs, targets, reduction="sum")


def linear(weights: list[float]) -> PerSample:
    """A linear model without bias and half the squared error: g_i = (w.x_i - y_i) x_i."""
    model = nn.Linear(len(weights), 1, bias=False).double()
    with torch.no_grad():
        model.weight.copy_(torch.tensor([weights]))
    return PerSample(model, squared)


def small_network(seed: int = 0) -> nn.Sequential:
    """Convolution, GroupNorm, pooling and a classifier of 3 classes, for (n, 2, 6, 6) images."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1),
            nn.GroupNorm(2, 4),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(36, 3),
        ).double()


def small_images(count: int, seed: int = 1) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(seed)
    images = torch.randn((count, 2, 6, 6), generator=random, dtype=torch.float64)
    return images, torch.randint(3, (count,), generator=random)
