"""Test the network by hand, and its gradients against autograd."""

import numpy as np
import pytest
import torch

from loft.theorem1.network import Array, Problem, Start, backward, forward, jacobian

# Two filters, one sample of two patches. Filter 1 sees (2, -1): only the first patch passes.
# Filter 2 sees (-1, 3): only the second passes.
PATCHES = np.array([[[1.0, 0.0], [0.0, 1.0]]])  # (1 sample, 2 patches, 2 numbers)


WEIGHTS = np.array([[2.0, -1.0], [-1.0, 3.0]])  # column r is filter r


SECOND = np.array([[0.5, -0.5], [0.5, -0.5]])  # (2 patches, 2 filters)


def test_two_filters_by_hand() -> None:
    parts, gates = forward(PATCHES, WEIGHTS, SECOND)
    assert parts.tolist() == [[0.5 * 2, -0.5 * 3]]
    assert parts.sum() == -0.5
    assert gates.tolist() == [[[0.5, 0.0], [0.0, -0.5]]]
    # d f / d w_1 = 0.5 x_1 and d f / d w_2 = -0.5 x_2; a residual of 2 doubles them
    gradient = backward(PATCHES, gates, np.array([[2.0]]))
    assert gradient.tolist() == [[1.0, 0.0], [0.0, -1.0]]


def loss(problem: Problem, weights: torch.Tensor, second: Array, scale: float) -> torch.Tensor:
    """Return 1/2 |y - scale f|^2, summed over filters and patches as in the paper."""
    patches = torch.from_numpy(problem.patches)
    outputs = torch.zeros(problem.samples, dtype=torch.float64)
    for r in range(weights.shape[1]):
        for j in range(patches.shape[1]):
            outputs = outputs + second[j, r] * torch.relu(patches[:, j] @ weights[:, r])
    return 0.5 * (scale * outputs - torch.from_numpy(problem.targets)).square().sum()


@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_gradients_are_autograds(problem: Problem, start: Start, scale: float) -> None:
    for weights, second in zip(start.weights, start.second, strict=True):
        free = torch.tensor(weights, requires_grad=True)
        loss(problem, free, second, scale).backward()  # type: ignore[no-untyped-call]
        parts, gates = forward(problem.patches, weights, second)
        residuals = scale * parts.sum(-1, keepdims=True) - problem.targets[:, None]
        assert free.grad is not None
        expected = free.grad.numpy()
        np.testing.assert_allclose(
            scale * backward(problem.patches, gates, residuals), expected, rtol=0, atol=1e-14
        )


def test_the_jacobian_is_each_samples_gradient(problem: Problem, start: Start) -> None:
    _, gates = forward(problem.patches, start.weights, start.second)
    slopes = jacobian(problem.patches, gates)
    for sample in range(problem.samples):
        alone = np.zeros((problem.samples, 1))
        alone[sample] = 1
        gradient = backward(problem.patches, gates.copy(), alone)
        np.testing.assert_allclose(slopes[:, sample], gradient, atol=1e-15)


def test_a_start_is_assumption_2s(problem: Problem) -> None:
    start = Start.draw(problem, width=4000, kappa=0.3, seeds=[(0,)])
    assert start.weights.std() == pytest.approx(0.3, rel=0.05)
    assert np.unique(np.abs(start.second)) == pytest.approx([1 / np.sqrt(4000)])
    wider = Start.draw(problem, width=4000, kappa=0.6, seeds=[(0,)])
    np.testing.assert_allclose(wider.weights, 2 * start.weights)
