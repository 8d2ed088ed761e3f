"""Every kind of data set has a class and an augmentation, and every source is of one kind."""

import pytest

from loft.core.data.augmentation import KINDS
from loft.core.data.sources import SOURCES
from loft.core.settings.lookup import load
from loft.core.settings.schema import Settings


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_names_its_class_and_its_augmentation(name: str) -> None:
    assert load(KINDS[name].data).kind == name
    assert issubclass(KINDS[name].augment, Settings)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_of_a_known_kind(name: str) -> None:
    assert load(SOURCES[name].settings).kind in KINDS
