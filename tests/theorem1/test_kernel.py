"""Test the kernel by hand, and its infinite width against many filters."""

import numpy as np

from loft.theorem1.kernel import infinite_width_kernel, moments
from loft.theorem1.network import Problem, Start

# Two filters, one sample of two patches. Filter 1 sees (2, -1): only the first patch passes.
# Filter 2 sees (-1, 3): only the second passes.
PATCHES = np.array([[[1.0, 0.0], [0.0, 1.0]]])  # (1 sample, 2 patches, 2 numbers)


WEIGHTS = np.array([[2.0, -1.0], [-1.0, 3.0]])  # column r is filter r


SECOND = np.array([[0.5, -0.5], [0.5, -0.5]])  # (2 patches, 2 filters)


def test_two_filters_kernel_by_hand() -> None:
    problem = Problem(PATCHES, np.array([1.0]))
    (found,) = moments(problem, WEIGHTS[None], SECOND[None], dealt=False)
    assert found.tangent.tolist() == [[0.5**2 + 0.5**2]]
    assert found.parts.tolist() == [[1.0 + 1.5**2]]
    assert found.pull.tolist() == [0.25 * 1.0 + 0.25 * -1.5]
    assert found.drag == 0.25 * 1.0 + 0.25 * 1.5**2
    assert found.spread.tolist() == [[2 * 0.25**2 * 3.25]]


def test_the_infinite_kernel_is_that_of_many_filters(problem: Problem) -> None:
    start = Start.draw(problem, width=40_000, kappa=0.5, seeds=[(0,), (1,), (2,), (3,)])
    found = moments(problem, start.weights, start.second, dealt=False)
    kernel = infinite_width_kernel(problem)
    tangent = np.mean([one.tangent for one in found], axis=0)
    parts = np.mean([one.parts for one in found], axis=0)
    np.testing.assert_allclose(tangent, kernel.tangent, atol=0.01)
    np.testing.assert_allclose(parts, 0.5**2 * kernel.parts, atol=0.01)
    assert 0 < kernel.smallest_eigenvalue < kernel.largest_eigenvalue
