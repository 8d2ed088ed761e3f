"""Lists whose entries name files or cells, and texts that name files, in every schema."""

import importlib
import pkgutil
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import AfterValidator

import loft
from loft.core.settings.schema import Settings
from loft.core.settings.values import _all_differ
from loft.tickets.run.run import Run

NETWORKS = ("NetworkFacts", "SnapshotFacts", "TicketFacts", "FinetunedFacts")
FREE = {  # ranges may hold a value twice; what reads a ticket checks its indices by itself
    ("ResizedCrop", "scale"),
    ("ResizedCrop", "ratio"),
    ("TicketFacts", "kept"),
    *((kind, key) for kind in NETWORKS for key in ("mean", "std")),  # of a colour each
    ("FinetunedFacts", "kept"),
}


def schemas(base: type[Settings] = Settings) -> Iterator[type[Settings]]:
    for cls in base.__subclasses__():
        yield cls
        yield from schemas(cls)


def loose(annotation: Any, metadata: Any = ()) -> bool:
    """Whether a field may hold a list whose entries are not all different."""
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *more = typing.get_args(annotation)
        return loose(inner, (*metadata, *more))
    if typing.get_origin(annotation) is list:
        return not any(
            isinstance(each, AfterValidator) and each.func is _all_differ for each in metadata
        )
    return any(loose(part) for part in typing.get_args(annotation))


def test_every_list_in_a_params_file_refuses_doubles() -> None:
    for each in pkgutil.walk_packages(loft.__path__, "loft."):
        if not each.name.endswith("__main__"):
            importlib.import_module(each.name)
    found = {
        (cls.__name__, name)
        for cls in schemas()
        if cls.__module__.startswith("loft.")
        for name, field in cls.model_fields.items()
        if loose(field.annotation, field.metadata)
    }
    assert found <= FREE


def at(values: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    *sections, last = path.split(".")
    section = values
    for name in sections:
        section = section[name]
    section[last] = value
    return values


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("seeds", [0, 0], "seeds"),
        ("methods.loft.workers", [2, 2], "workers"),
        ("prune.ratios", [0.5, 0.5000000001], "in their first six digits"),
        ("controls", ["random", "random"], "'random' twice"),
        ("finetune.early.cells", ["loft-2", "loft-2"], "'loft-2' twice"),
        (
            "models",
            [{"name": "preresnet18", "width": 4}, {"name": "preresnet18", "width": 8}],
            "'preresnet18' twice",
        ),
    ],
)
def test_a_double_is_refused(tiny: dict[str, Any], path: str, value: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Run.model_validate(at(tiny, path, value))


@pytest.mark.parametrize("name", ["a{b}", "a\0b"])
def test_folders_that_snakemake_would_take_for_wildcards_are_refused(name: str) -> None:
    from loft.core.data.sources.settings import CifarData

    given = {"name": "cifar10", "data_dir": name, "mirrors": [], "split_seed": 0}
    with pytest.raises(ValueError, match="data_dir"):
        CifarData.model_validate({**given, "train_images": 1, "test_images": 1})
