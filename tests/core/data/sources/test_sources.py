"""A line of the table leads to a data set's settings and to what prepares it."""

import inspect

import pytest
from pydantic import TypeAdapter, ValidationError

from loft.core.data.resident_images import Images
from loft.core.data.sources import SOURCES, DataJob, DataSettings, prepare
from loft.core.data.sources.settings import ImageSettings
from loft.core.settings.lookup import load
from tests.conftest import TINY

ANY: TypeAdapter[object] = TypeAdapter(DataSettings)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_has_settings_and_a_function_of_them(name: str) -> None:
    source = SOURCES[name]
    assert issubclass(load(source.settings), ImageSettings)
    assert inspect.signature(load(source.prepare)).bind("settings", "reading")


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValidationError, match=r"found 'digit'.*did you mean 'digits'"):
        ANY.validate_python({**TINY["data"], "name": "digit"})


def test_what_is_prepared_has_the_images_that_were_asked_for() -> None:
    job = DataJob.model_validate({"data": {**TINY["data"], "train_images": 20, "test_images": 30}})
    made = prepare(job.data, loaders=0)
    assert isinstance(made, Images)
    assert (made.dataset, made.classes) == ("digits", 10)
    assert (made.train.shape, made.test.shape) == ((20, 1, 8, 8), (30, 1, 8, 8))
