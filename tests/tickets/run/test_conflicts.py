"""Combinations that a run cannot carry out, each refused with its key."""

from typing import Any

import pytest
from pydantic import ValidationError

from loft.tickets.run.run import Run


def change(values: dict[str, Any], path: str, value: Any) -> None:
    *sections, key = path.split(".")
    for section in sections:
        values = values[section]
    values[key] = value


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("finetune.early.cells", ["loft-3"], "finetune.early.cells: found 'loft-3'"),
        ("finetune.early.ratios", [0.7], "finetune.early.ratios: found 0.7; expected some of"),
        ("prune.criterion", "l22", "prune.criterion: found 'l22'"),
        ("prune.multiple", 5, "prune.multiple: found 5; expected at most 4"),
        ("pretrain.snapshot_every", 3, "pretrain.snapshot_every: found 3; expected at most"),
        ("pretrain.sgd.batch_size", 200, "pretrain.sgd.batch_size: found 200; expected at most"),
        ("methods.gpipe.microbatches", 5, "methods.gpipe.microbatches: found 5"),
        ("methods.dense", None, "methods.dense: missing"),
        (
            "updates",
            {"cells": ["dense"], "iterations": [1], "samples": 20},
            "updates.cells: found 'dense'",
        ),
        (
            "updates",
            {"cells": ["loft-2"], "iterations": [1, 3], "samples": 20},
            "updates.iterations: found [1, 3]; expected ascending numbers up to 2",
        ),
        (
            "updates",
            {"cells": ["loft-2"], "iterations": [1], "samples": 33},
            "updates.samples: found 33; expected at most 32",
        ),
    ],
)
def test_it_is_refused(tiny: dict[str, Any], path: str, value: Any, said: str) -> None:
    change(tiny, path, value)
    with pytest.raises(ValidationError) as refused:
        Run.model_validate(tiny)
    assert said in str(refused.value)


def test_too_few_images_that_were_found(run: Run) -> None:
    assert [*run.lacking(160)] == []
    (first, *_) = run.lacking(31)
    assert first.startswith("pretrain.sgd.batch_size: found 32; expected at most the 31 images")
