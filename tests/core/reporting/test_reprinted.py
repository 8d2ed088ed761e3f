"""Every study says in the same words what its tables and figures were made from."""

from typing import get_type_hints

import pytest

from loft.core.reporting.reprinted import Reprinted
from loft.core.settings.lookup import load
from loft.reprint import REPRINTS


@pytest.mark.parametrize("study", REPRINTS)
def test_every_study_returns_it(study: str) -> None:
    assert get_type_hints(load(REPRINTS[study]))["return"] is Reprinted


def test_further_lines_are_read_by_one_study_alone() -> None:
    made = Reprinted(lines=[], left=["figure1"])
    assert ([*made.updates], made.left) == ([], ["figure1"])
