"""Settings of data sets that contradict themselves are refused."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from loft.core.data.sources.settings import FolderData
from tests import pictures


def test_an_own_folder_of_images_is_accepted() -> None:
    settings = FolderData.model_validate(pictures.settings(Path("images")))
    assert (settings.kind, settings.size, settings.resize) == ("folders", 16, 20)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"resize": 15}, "resize: found 15; expected at least size"),
        ({"train_folder": "../train"}, "expected a folder below data_dir"),
        ({"test_folder": "/val"}, "expected a folder below data_dir"),
        ({"test_folder": None}, "test_images: found null"),
    ],
)
def test_contradictions_are_named(changed: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        FolderData.model_validate(pictures.settings(Path("images"), **changed))
