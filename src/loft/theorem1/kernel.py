"""Compute the tangent kernel H, on which the theorem's rates depend (LoFT v2, appendix B.3).

Finite width: H_ik = sum_r <J_ri, J_rk>. At infinite width the signs of the second layer cancel all
products of different patches (the two cases of appendix B.3). With the angles phi_j between x_ij
and x_kj:

    H_ik = sum_j <x_ij, x_kj> (pi - phi_j) / (2 pi)
    B_ik = kappa^2 sum_j |x_ij| |x_kj| (sin phi_j + (pi - phi_j) cos phi_j) / (2 pi)

lambda_0 is the smallest eigenvalue of this H (the kernel of f, not of the scaled u). B is
sum_r E[b_ri b_rk] at the start: the covariance of f, from which masks make noise. H is rebuilt from
appendix B.3's words after Du et al. (2018), B after Cho and Saul (2009).
"""

from dataclasses import dataclass

import numpy as np

from loft.theorem1.network import Array, Problem, forward, jacobian


@dataclass(frozen=True)
class Kernel:
    """The matrices at infinite width, (n, n): H in `tangent`, B for kappa = 1 in `parts`."""

    tangent: Array
    parts: Array

    @property
    def smallest_eigenvalue(self) -> float:
        """lambda_0, the smallest eigenvalue of H."""
        return float(np.linalg.eigvalsh(self.tangent)[0])

    @property
    def largest_eigenvalue(self) -> float:
        """The largest eigenvalue of H."""
        return float(np.linalg.eigvalsh(self.tangent)[-1])


def infinite_width_kernel(problem: Problem) -> Kernel:
    """Return the kernel at infinite width."""
    by_patch = problem.patches.transpose(1, 0, 2)  # (p, n, d)
    products = by_patch @ by_patch.transpose(0, 2, 1)  # (p, n, n)
    lengths = np.linalg.norm(by_patch, axis=2)  # (p, n)
    scale = lengths[:, :, None] * lengths[:, None, :]
    cosines = np.clip(np.divide(products, scale, out=np.zeros_like(scale), where=scale > 0), -1, 1)
    away = np.pi - np.arccos(cosines)
    sines = np.sqrt(1 - cosines**2)
    return Kernel(
        (products * away).sum(0) / (2 * np.pi),
        (scale * (sines + away * cosines)).sum(0) / (2 * np.pi),
    )


@dataclass(frozen=True)
class Moments:
    """Sums over the filters of a finite network.

    If filters are dealt in equal shares, b_r and H_r are deviations from the mean over the filters
    (`parts`, `spread`) or over the other filters (`pull`, `drag`, `size`).

    Attributes:
        tangent: H, (n, n).
        parts: sum_r b_r b_r^T, (n, n).
        spread: sum_r H_r C H_r, (n, n), with C = `parts` and H_r a filter's part of H.
        pull: sum_r H_r b_r, (n,).
        drag: sum_r |J_r^T b_r|^2.
        size: sum_r |b_r|^2.
    """

    tangent: Array
    parts: Array
    spread: Array
    pull: Array
    drag: float
    size: float


def moments(problem: Problem, weights: Array, second: Array, dealt: bool) -> list[Moments]:
    """Return the sums of each repetition.

    Args:
        problem: the data.
        weights: (repetitions, d, m).
        second: (repetitions, p, m).
        dealt: whether filters are dealt in equal shares (a partition). Then a filter makes other
            filters less likely at the same worker, which the deviations correct for.
    """
    width = weights.shape[-1]
    result = []
    for weight, fixed in zip(weights, second, strict=True):
        parts, gates = forward(problem.patches, weight, fixed)  # (n, m)
        slopes = jacobian(problem.patches, gates)  # (n, d, m)
        single = np.einsum("idm,kdm->mik", slopes, slopes)  # H_r, (m, n, n)
        pulling, varied = parts, single
        if dealt:
            varied = (single - single.mean(0)) * np.sqrt(width / (width - 1))
            pulling = parts - (parts.sum(1, keepdims=True) - parts) / (width - 1)
            parts = (parts - parts.mean(1, keepdims=True)) * np.sqrt(width / (width - 1))
        noise = parts @ parts.T
        result.append(
            Moments(
                tangent=single.sum(0),
                parts=noise,
                spread=(varied @ noise @ varied).sum(0),
                pull=np.einsum("mik,km->i", single, pulling),
                drag=float(np.einsum("im,mik,km->", pulling, single, pulling)),
                size=float(np.square(pulling).sum()),
            )
        )
    return result
