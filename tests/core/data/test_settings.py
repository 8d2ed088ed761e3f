"""The keys of an augmentation decide its kind."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from loft.core.data.settings import AugmentSettings, PaddedCrop, ResizedCrop

ADAPTER: TypeAdapter[Any] = TypeAdapter(AugmentSettings)
RESIZED = {"scale": [0.08, 1.0], "ratio": [0.75, 1.33], "flip": True}


def test_padding_is_for_images_in_memory_and_scales_for_files() -> None:
    assert ADAPTER.validate_python({"crop_padding": 4, "flip": True}) == PaddedCrop(
        crop_padding=4, flip=True
    )
    assert isinstance(ADAPTER.validate_python(RESIZED), ResizedCrop)


@pytest.mark.parametrize("key", ["scale", "ratio"])
def test_a_range_goes_from_least_to_most(key: str) -> None:
    with pytest.raises(ValidationError, match=rf"{key}: found \[0.9, 0.5\]"):
        ADAPTER.validate_python({**RESIZED, key: [0.9, 0.5]})


def test_both_kinds_do_not_mix() -> None:
    with pytest.raises(ValidationError):
        ADAPTER.validate_python({**RESIZED, "crop_padding": 4})
