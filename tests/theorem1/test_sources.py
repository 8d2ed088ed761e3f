"""Test the kinds of data that this study trains on."""

import pytest

from loft.core.settings.lookup import load
from loft.theorem1.settings import TrainingSettings
from loft.theorem1.sources import SOURCES, given


def test_every_kind_has_its_key_and_a_function_that_prepares_it() -> None:
    for name, address in SOURCES.items():
        assert name in TrainingSettings.model_fields
        assert callable(load(address))


@pytest.mark.parametrize("name", SOURCES)
def test_null_asks_for_none(name: str) -> None:
    assert given(TrainingSettings()) == [*SOURCES]
    rest = TrainingSettings.model_validate({name: None})
    assert given(rest) == [other for other in SOURCES if other != name]
