"""Every value of a params file made wrong in every way: each is one line that names its key."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.run import check, read
from tests.conftest import ROOT

Keys = tuple[str, ...]


def given(params: Path) -> dict[str, Any]:
    """Every key of a params file, those too that it leaves to their defaults."""
    values: dict[str, Any] = read(params).model_dump(mode="json")
    return {key: value for key, value in values.items() if value is not None}


PARAMS = ("digits", "imagenet", "libsvm", "theorem1")  # which have every schema between them
FILES = {name: given(ROOT / "params" / f"{name}.yaml") for name in PARAMS}


def leaves(values: Any, path: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every value that has no keys of its own, and where it is."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from leaves(value, (*path, key))
    elif isinstance(values, list) and values and isinstance(values[0], dict):
        yield from leaves(values[0], (*path, "0"))
    else:
        yield path, values


def at(values: Any, path: Keys) -> Any:
    for key in path:
        values = values[int(key)] if isinstance(values, list) else values[key]
    return values


LEAVES = [(name, path, value) for name, values in FILES.items() for path, value in leaves(values)]
IDS = [f"{name}-{'.'.join(path)}" for name, path, _ in LEAVES]


def said(name: str, path: Keys, change: Any) -> str:
    """What is said of a file in which a value was changed."""
    values = copy.deepcopy(FILES[name])
    change(at(values, path[:-1]), path[-1])
    with pytest.raises(UserError) as error:
        check(values, "params/x.yaml")
    text = str(error.value)
    assert "\n" not in text
    assert text.startswith("params/x.yaml: ")
    return text.removeprefix("params/x.yaml: ")


def names(text: str, path: Keys) -> bool:
    """Whether a message names a key, by itself or after the section that it is in."""
    return text.startswith((".".join(path), f"{'.'.join(path[:-1])}: {path[-1]}"))


@pytest.mark.parametrize(("name", "path", "value"), LEAVES, ids=IDS)
def test_another_type_is_named(name: str, path: Keys, value: Any) -> None:
    def change(section: Any, key: str) -> None:
        section[key] = {"surprise": 1}

    text = said(name, path, change)
    chooses = path[-1] == "name"  # which settings a section has, so that the section is at fault
    assert names(text, path) or (chooses and names(text, path[:-1])), text
    assert "found" in text or "surprise" in text


@pytest.mark.parametrize(("name", "path", "value"), LEAVES, ids=IDS)
def test_a_missing_key_has_a_default_or_is_named(name: str, path: Keys, value: Any) -> None:
    values = copy.deepcopy(FILES[name])
    del at(values, path[:-1])[path[-1]]
    try:
        check(values, "params/x.yaml")
    except UserError as error:
        text = str(error).removeprefix("params/x.yaml: ")
        if path[-1] == "name":  # which may say what else belongs in the section
            assert names(text, path) or names(text, path[:-1]), text
        elif path not in [("studies",), ("theorem1", "iterations")]:  # whose default fits no more
            assert text == f"{'.'.join(path)}: missing"


@pytest.mark.parametrize(("name", "path", "value"), LEAVES, ids=IDS)
def test_a_misspelt_key_is_named_with_the_nearest(name: str, path: Keys, value: Any) -> None:
    def change(section: Any, key: str) -> None:
        section[f"{key}x"] = section[key]

    text = said(name, path, change)
    assert f"{path[-1]}x: unknown key" in text, text
    assert "did you mean" in text


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        pytest.param(*leaf, id=f"{leaf[0]}-{'.'.join(leaf[1])}")
        for leaf in LEAVES
        if isinstance(leaf[2], int | float) and not isinstance(leaf[2], bool)
    ],
)
def test_a_number_below_all_sense_is_named(name: str, path: Keys, value: Any) -> None:
    def change(section: Any, key: str) -> None:
        section[key] = -1 if isinstance(value, int) else -1.0

    text = said(name, path, change)
    assert names(text, path), text
    assert "found -1" in text
