"""Test the patches of Gaussian images."""

import numpy as np

from loft.theorem1 import synthetic
from loft.theorem1.settings import SyntheticSettings


def test_gaussian_patches_are_normalised_and_wrap_around() -> None:
    problem = synthetic.prepare(
        SyntheticSettings(samples=4, channels=2, pixels=5, filter=3), 0, None
    )
    assert problem.patches.shape == (4, 5, 6)
    np.testing.assert_allclose(np.square(problem.patches).sum((1, 2)), 1)  # q |X|^2 = 1
    windows = problem.patches.reshape(4, 5, 2, 3)
    np.testing.assert_allclose(windows[:, 0, :, 1], windows[:, 1, :, 0])
    np.testing.assert_allclose(windows[:, 4, :, 1], windows[:, 0, :, 0])
    assert set(problem.targets) <= {-1.0, 1.0}
