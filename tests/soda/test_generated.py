"""Test the generated data: shape, labels, sparsity and seeds."""

import numpy as np
import pytest

from loft.soda.generated import madelon_like, sparse
from tests.soda.problems import CLUSTERS, WORDS


def test_clusters_have_the_asked_shape_and_two_classes() -> None:
    samples = madelon_like(CLUSTERS)
    assert samples.values.shape == (CLUSTERS.samples, CLUSTERS.features)
    assert {*samples.labels} == {-1.0, 1.0}


def test_sparse_rows_have_unit_length_and_about_the_asked_density() -> None:
    samples = sparse(WORDS)
    assert samples.values.shape == (WORDS.samples, WORDS.features)
    lengths = np.sqrt(samples.values.multiply(samples.values).sum(axis=1))
    assert lengths[lengths > 0] == pytest.approx(1)
    share = samples.values.nnz / np.prod(samples.values.shape)
    assert 0.5 * WORDS.density < share <= WORDS.density  # entries that fall together are added
    assert {*samples.labels} == {-1.0, 1.0}


def test_the_seed_decides_the_samples() -> None:
    first, again = sparse(WORDS), sparse(WORDS)
    other = sparse(WORDS.model_copy(update={"seed": 1}))
    assert first.values.data.tolist() == again.values.data.tolist()
    assert first.values.data.tolist() != other.values.data.tolist()
