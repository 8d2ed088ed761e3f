"""Names in a params file lead to classes of settings."""

import json

import pytest
from pydantic import TypeAdapter, ValidationError

from loft.core.errors import suggestion
from loft.core.settings.lookup import choice, load
from loft.core.settings.schema import Settings


class Shape(Settings):
    name: str


class Circle(Shape):
    radius: float


class Square(Shape):
    side: float


ADAPTER: TypeAdapter[Shape] = TypeAdapter(choice(Shape, {"circle": Circle, "square": Square}))


def test_an_address_leads_to_what_it_names() -> None:
    assert load("loft.core.errors:suggestion") is suggestion


def test_the_name_chooses_the_class() -> None:
    found = ADAPTER.validate_python({"name": "circle", "radius": 2.0})
    assert found == Circle(name="circle", radius=2.0)
    assert json.loads(ADAPTER.dump_json(found)) == {"name": "circle", "radius": 2.0}


def test_the_keys_of_another_class_are_refused() -> None:
    with pytest.raises(ValidationError, match="side"):
        ADAPTER.validate_python({"name": "circle", "side": 2.0})


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    expected = "name: found 'squar'; expected one of circle, square, did you mean 'square'"
    with pytest.raises(ValidationError, match=expected):
        ADAPTER.validate_python({"name": "squar", "side": 2.0})
