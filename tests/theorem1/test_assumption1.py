"""Test that training data follow Assumption 1."""

import pytest

from loft.core.errors import UserError
from loft.theorem1 import synthetic
from loft.theorem1.network import Problem
from loft.theorem1.settings import SyntheticSettings


def test_parallel_samples() -> None:
    """One channel and one pixel: all samples are +1 or -1 after normalisation."""
    with pytest.raises(UserError, match=r"theorem1.synthetic.samples: found a kernel"):
        synthetic.prepare(SyntheticSettings(samples=3, channels=1, pixels=1, filter=1), 0, None)


def test_a_problem_knows_its_sizes(problem: Problem) -> None:
    assert (problem.samples, problem.length) == (3, 4)
