"""Test that the largest samples are read, and no larger ones."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from loft.core.errors import UserError
from loft.soda import libsvm
from loft.soda.limits import MOST_FEATURES
from tests.soda.test_libsvm import data


def test_a_vector_of_so_many_fits_into_memory() -> None:
    assert MOST_FEATURES * np.dtype(float).itemsize == 0.8e9


def test_all_published_data_sets_have_fewer() -> None:
    assert max(published.features for published in libsvm.PUBLISHED.values()) <= MOST_FEATURES


def test_the_key_and_the_file_are_refused_beyond_it(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text(f"+1 {MOST_FEATURES}:1\n-1 1:1\n", encoding="utf-8")
    assert libsvm.load(data(tmp_path, features=MOST_FEATURES)).values.shape == (2, MOST_FEATURES)
    with pytest.raises(ValidationError, match=f"less than or equal to {MOST_FEATURES}"):
        data(tmp_path, features=MOST_FEATURES + 1)
    (tmp_path / "mine").write_text(f"+1 {MOST_FEATURES + 1}:1\n-1 1:1\n", encoding="utf-8")
    with pytest.raises(UserError, match=f"expected indices up to {MOST_FEATURES}"):
        libsvm.load(data(tmp_path))
