"""Lines hold facts: a key that is added with a default changes none of them."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import create_model

from loft.core.settings.keys import OURS, key
from loft.core.settings.schema import Settings
from loft.models.settings import ResNetSettings, WideResNetSettings
from loft.tickets.finetuning import finetune
from loft.tickets.finetuning.job import FinetuneJob
from loft.tickets.pretraining import pretrain
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pruning import prune
from loft.tickets.run.run import Run

NEW: dict[str, Any] = {"brand_new": (bool, key(False, "new", source=OURS, neutral=False))}
METRICS = "metrics.jsonl"


def extended(settings: Settings) -> Any:
    """Return the same settings, of classes that have a further key with a default.

    So have those of their sections, but for networks, whose keys are arguments of their builders.
    """
    values = {name: deeper(value) for name, value in settings}
    schema = type(settings)
    return create_model(f"More{schema.__name__}", __base__=schema, **NEW).model_construct(**values)


def deeper(value: Any) -> Any:
    if isinstance(value, list):
        return [deeper(each) for each in value]
    own = isinstance(value, Settings) and not isinstance(value, ResNetSettings)
    return extended(value) if own else value


def pretrained(job: PretrainJob, images_file: Path, folder: Path) -> bytes:
    pretrain.run(job, images_file, folder, folder / METRICS)
    return (folder / METRICS).read_bytes()


def finetuned(job: FinetuneJob, images_file: Path, folder: Path) -> bytes:
    metrics = folder / "finetune" / METRICS
    finetune.run(job, images_file, folder, folder / "finetune" / "norms.safetensors", metrics)
    return metrics.read_bytes()


def test_a_key_with_a_default_changes_no_line(run: Run, images_file: Path, tmp_path: Path) -> None:
    job, tuning = run.pretrain_job("preresnet18", "dense", 0), run.finetune_job("dense", 0)
    more, more_tuning = extended(job), extended(tuning)
    assert "brand_new" in more.model_dump()
    assert "brand_new" in more.sgd.model_dump()
    lines = pretrained(job, images_file, tmp_path / "a")
    assert pretrained(more, images_file, tmp_path / "b") == lines
    for folder in (tmp_path / "a", tmp_path / "b"):
        prune.run(run.prune_job(), [folder])
    one = finetuned(tuning, images_file, tmp_path / "a")
    assert finetuned(more_tuning, images_file, tmp_path / "b") == one


@pytest.mark.parametrize(
    ("settings", "facts"),
    [
        (ResNetSettings(name="resnet18", width=4), {"name": "resnet18", "width": 4}),
        (
            WideResNetSettings(name="wideresnet18", width=4, widening=2),
            {"name": "wideresnet18", "width": 4, "widening": 2},
        ),
    ],
)
def test_a_network_is_told_without_neutral_keys(
    settings: ResNetSettings, facts: dict[str, Any]
) -> None:
    assert settings.facts() == facts
    assert extended(settings).facts() == facts
