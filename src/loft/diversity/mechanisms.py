"""Mechanisms that raise gradient diversity (section 3): random surrogates in place of gradients.

A surrogate is drawn anew for each sample and step. Each mechanism has E[g_i'] = c g_i, so that with
s_i = E||g_i'||^2 the diversity of expectations is
sum_i s_i / (c^2 ||sum_i g_i||^2 + sum_i (s_i - c^2 ||g_i||^2)),
which is at least Delta where Delta <= 1, B <= n, and at most Delta beyond.
"""

import math
from typing import Protocol

import torch
from torch import Tensor
from torch.func import functional_call, grad, vmap

from loft.core.training.sample_gradients import PerSample, Weights
from loft.diversity.gradient_diversity import Diversity, exact_diversity


class Mechanism(Protocol):
    """A distribution of surrogates.

    Attributes:
        scale: c, of the expectation.
    """

    @property
    def scale(self) -> float: ...

    def squares(self, gradients: Tensor) -> Tensor:
        """Return E||g_i'||^2 (b,) of gradients (b, d)."""

    def draw(self, gradients: Tensor, random: torch.Generator) -> Tensor:
        """Return surrogates (b, d) of gradients (b, d)."""

    def added(self, size: int, count: int, random: torch.Generator) -> Tensor | None:
        """Return what `count` surrogates add to the sum (d,) of their gradients.

        None where it depends on the gradients one by one.
        """


class Plain:
    """No mechanism."""

    scale = 1.0

    def squares(self, gradients: Tensor) -> Tensor:
        return gradients.square().sum(1)

    def draw(self, gradients: Tensor, random: torch.Generator) -> Tensor:
        return gradients

    def added(self, size: int, count: int, random: torch.Generator) -> Tensor:
        return torch.zeros(())


class DropConnect:
    """A mask on the gradient, as the paper defines it: each entry is kept with probability q.

    Delta' = Delta / (q + (1 - q) Delta).
    """

    def __init__(self, drop: float) -> None:
        self.scale = 1 - drop

    def squares(self, gradients: Tensor) -> Tensor:
        return self.scale * gradients.square().sum(1)

    def draw(self, gradients: Tensor, random: torch.Generator) -> Tensor:
        return gradients * draw_mask(gradients.shape, self.scale, random)

    def added(self, size: int, count: int, random: torch.Generator) -> None:
        return None


class Sgld:
    """Noise of deviation `sigma` on every entry (stochastic gradient Langevin dynamics)."""

    scale = 1.0

    def __init__(self, sigma: float) -> None:
        self.sigma = sigma

    def squares(self, gradients: Tensor) -> Tensor:
        return gradients.square().sum(1) + gradients.shape[1] * self.sigma**2

    def draw(self, gradients: Tensor, random: torch.Generator) -> Tensor:
        noise = torch.empty_like(gradients).normal_(generator=random)
        return gradients + noise.mul_(self.sigma)

    def added(self, size: int, count: int, random: torch.Generator) -> Tensor:
        """Independent noises add up to one of `count` times the variance."""
        return torch.empty(size).normal_(0, self.sigma * count**0.5, generator=random)


class Qsgd:
    """Every entry rounded at random to one of s levels of the sample's norm, without bias.

    Alistarh et al. (2016), equation 5 of QSGD: ||g|| sign(g_j) l_j / s.
    """

    scale = 1.0

    def __init__(self, levels: int) -> None:
        self.levels = levels

    def _split(self, gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the length of a level (b, 1), whole levels (b, d), and what is left of one."""
        unit = gradients.norm(dim=1, keepdim=True) / self.levels
        scaled = gradients.abs() / unit.clamp_min(torch.finfo(gradients.dtype).tiny)
        whole = scaled.floor()
        return unit, whole, scaled - whole

    def squares(self, gradients: Tensor) -> Tensor:
        unit, whole, left = self._split(gradients)
        return (unit.square() * (whole.square() + left * (2 * whole + 1))).sum(1)

    def draw(self, gradients: Tensor, random: torch.Generator) -> Tensor:
        unit, whole, left = self._split(gradients)
        up = torch.empty_like(left).uniform_(generator=random) < left
        return gradients.sign() * unit * (whole + up)

    def added(self, size: int, count: int, random: torch.Generator) -> None:
        return None


def draw_mask(shape: torch.Size, probability: float, random: torch.Generator) -> Tensor:
    """Return a mask whose entries are independently true with a probability, to 2^-16.

    Four entries share a random word: masks are most of what DropConnect costs.
    """
    count = math.prod(shape)
    words = torch.empty(-(-count // 4), dtype=torch.int64)
    words.random_(-(2**63), None, generator=random)
    last = round(probability * 2**16) - 2**15 - 1
    return (words.view(torch.int16)[:count] <= last).view(shape)


def surrogate_diversity(mechanism: Mechanism, plain: Diversity, growth: float) -> Diversity:
    """Return the diversity of surrogates: expectations over both sums' squares.

    Args:
        plain: of the gradients themselves.
        growth: sum_i E||g_i'||^2 over sum_i ||g_i||^2.
    """
    squares, c = growth * plain.squares, mechanism.scale**2
    return Diversity(plain.samples, squares, c * plain.together + squares - c * plain.squares)


def induced_diversity(mechanism: Mechanism, gradients: Tensor) -> Diversity:
    """Return the diversity of a mechanism's surrogates of gradients (n, d), all at once."""
    plain = exact_diversity([gradients])
    return surrogate_diversity(mechanism, plain, square_growth(mechanism, gradients))


def square_growth(mechanism: Mechanism, gradients: Tensor) -> float:
    """Return sum_i E||g_i'||^2 over sum_i ||g_i||^2; 1 where all are zero and stay so."""
    double = gradients.double()
    plain = float(double.square().sum())
    found = float(mechanism.squares(double).sum())
    return found / plain if plain else 1.0


def masked_weights(
    gradients: PerSample, inputs: Tensor, targets: Tensor, drop: float, random: torch.Generator
) -> Tensor:
    """Return gradients (n, d) at weights of which each sample drops its own (Wan et al., 2013).

    A variant for which nothing is proved: g_i' = D_i g_i(D_i w), not D_i g_i(w). All n at once.
    """
    share = 1 - drop
    masks = {
        name: draw_mask(torch.Size([len(inputs), *w.shape]), share, random)
        for name, w in gradients.weights.items()
    }
    weights = {name: w * masks[name] for name, w in gradients.weights.items()}

    def of_one(w: Weights, x: Tensor, y: Tensor) -> Tensor:
        return gradients.loss(functional_call(gradients.model, w, (x[None],)), y[None])

    found = vmap(grad(of_one))(weights, inputs, targets)
    return torch.cat([(part * masks[name]).flatten(1) for name, part in found.items()], 1)
