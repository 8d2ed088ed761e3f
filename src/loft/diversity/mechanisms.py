"""Replace gradients by random surrogates to raise gradient diversity (section 3's mechanisms).

A new surrogate g_i' is drawn for each sample and step. Each mechanism has E[g_i'] = c g_i. With
s_i = E||g_i'||^2 the diversity of the expectations is
sum_i s_i / (c^2 ||sum_i g_i||^2 + sum_i (s_i - c^2 ||g_i||^2)).
It is at least Delta if Delta <= 1 (that is, B <= n), and at most Delta otherwise.
"""

import math
from typing import Protocol

import torch
from torch import Tensor
from torch.func import functional_call, grad, vmap

from loft.core.training.quantisation import split
from loft.core.training.sample_gradients import PerSample, Weights
from loft.diversity.gradient_diversity import Diversity, exact_diversity


class Mechanism(Protocol):
    """A distribution of surrogates.

    Attributes:
        scale: c, the factor of the expectation.
    """

    @property
    def scale(self) -> float: ...

    def squares(self, gradients: Tensor) -> Tensor:
        """Return E||g_i'||^2 (b,) for gradients (b, d)."""

    def draw(self, gradients: Tensor, random: torch.Generator) -> Tensor:
        """Draw surrogates (b, d) for gradients (b, d)."""

    def added(self, size: int, count: int, random: torch.Generator) -> Tensor | None:
        """Return the sum of `count` surrogates minus the sum of their gradients (d,).

        None if it depends on the per-sample gradients.
        """


class Plain:
    """No mechanism: the surrogate is the gradient."""

    scale = 1.0

    def squares(self, gradients: Tensor) -> Tensor:
        return gradients.square().sum(1)

    def draw(self, gradients: Tensor, random: torch.Generator) -> Tensor:
        return gradients

    def added(self, size: int, count: int, random: torch.Generator) -> Tensor:
        return torch.zeros(())


class DropConnect:
    """A mask on the gradient, as in the paper: each entry is kept with probability q.

    The diversity becomes Delta / (q + (1 - q) Delta).
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
    """Stochastic gradient Langevin dynamics: Gaussian noise of deviation `sigma` on every entry."""

    scale = 1.0

    def __init__(self, sigma: float) -> None:
        self.sigma = sigma

    def squares(self, gradients: Tensor) -> Tensor:
        return gradients.square().sum(1) + gradients.shape[1] * self.sigma**2

    def draw(self, gradients: Tensor, random: torch.Generator) -> Tensor:
        noise = torch.empty_like(gradients).normal_(generator=random)
        return gradients + noise.mul_(self.sigma)

    def added(self, size: int, count: int, random: torch.Generator) -> Tensor:
        """Return one noise with `count` times the variance: the sum of independent noises."""
        return torch.empty(size).normal_(0, self.sigma * count**0.5, generator=random)


class Qsgd:
    """Unbiased random rounding of every entry to one of s levels of the gradient's norm.

    QSGD, Alistarh et al. (2016), equation 5: ||g|| sign(g_j) l_j / s.
    """

    scale = 1.0

    def __init__(self, levels: int) -> None:
        self.levels = levels

    def _split(self, gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the size of a level (b, 1), the whole levels (b, d) and the rest in levels."""
        return split(gradients, gradients.norm(dim=1, keepdim=True), self.levels)

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
    """Draw a mask whose entries are true with this probability, rounded to 2^-16.

    Four entries share a random word, because masks are the largest cost of DropConnect.
    """
    count = math.prod(shape)
    words = torch.empty(-(-count // 4), dtype=torch.int64)
    words.random_(-(2**63), None, generator=random)
    last = round(probability * 2**16) - 2**15 - 1
    return (words.view(torch.int16)[:count] <= last).view(shape)


def surrogate_diversity(mechanism: Mechanism, plain: Diversity, growth: float) -> Diversity:
    """Return the diversity of the surrogates, with the expectations of both sums.

    Args:
        mechanism: draws the surrogates.
        plain: the diversity of the gradients.
        growth: sum_i E||g_i'||^2 over sum_i ||g_i||^2.
    """
    squares, c = growth * plain.squares, mechanism.scale**2
    return Diversity(plain.samples, squares, c * plain.together + squares - c * plain.squares)


def induced_diversity(mechanism: Mechanism, gradients: Tensor) -> Diversity:
    """Return the diversity of a mechanism's surrogates for gradients (n, d)."""
    plain = exact_diversity([gradients])
    return surrogate_diversity(mechanism, plain, square_growth(mechanism, gradients))


def square_growth(mechanism: Mechanism, gradients: Tensor) -> float:
    """Return sum_i E||g_i'||^2 over sum_i ||g_i||^2; 1 if all gradients are zero."""
    double = gradients.double()
    plain = float(double.square().sum())
    found = float(mechanism.squares(double).sum())
    return found / plain if plain else 1.0


def masked_weights(
    gradients: PerSample, inputs: Tensor, targets: Tensor, drop: float, random: torch.Generator
) -> Tensor:
    """Return gradients (n, d) at weights that are masked for each sample (Wan et al., 2013).

    The paper proves nothing for this variant: g_i' = D_i g_i(D_i w) instead of D_i g_i(w).
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
