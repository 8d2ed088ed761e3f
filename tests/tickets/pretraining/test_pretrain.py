"""A pretraining's workers are started on what was checked, and end with one line."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from loft.core.errors import JobError, UserError
from loft.tickets.pretraining import pretrain
from loft.tickets.run.run import Run


def test_missing_images_are_named_and_nothing_is_made(run: Run, tmp_path: Path) -> None:
    job, out = run.pretrain_job("preresnet18", "dense", 0), tmp_path / "out"
    with pytest.raises(UserError, match=r"images\.safetensors: no such file"):
        pretrain.run(job, tmp_path / "images.safetensors", out, out / "metrics.jsonl")
    assert not out.exists()


def test_a_worker_without_memory_names_itself_and_what_helps(
    run: Run, images_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise torch.OutOfMemoryError("Tried to allocate 2.00 GiB")

    monkeypatch.setattr(pretrain, "Pretraining", fail)
    job = run.pretrain_job("preresnet18", "dense", 0)
    with pytest.raises(JobError) as error:
        pretrain.run(job, images_file, tmp_path, tmp_path / "metrics.jsonl")
    assert str(error.value) == (
        "pretrain preresnet18 dense seed 0: worker 0 of 1: out of memory: 2.00 GiB more were asked "
        f"for; lower {pretrain.LOWERING}"
    )


@pytest.mark.parametrize(("gpus", "checked"), [([], [4, 8]), ([0], [])])
def test_the_processor_is_checked_with_all_networks_where_it_trains_them(
    run: Run,
    images_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    gpus: list[int],
    checked: list[int],
) -> None:
    """LoFT's two workers train 4 of the 8 filters of layer2.1."""
    widths: list[int] = []

    def note(networks: Iterable[nn.Module], *_: Any) -> None:
        assert not started  # a wrong processor is refused before
        widths.extend(len(net.get_parameter("layer2.1.conv1.weight")) for net in networks)

    started: list[int] = []
    monkeypatch.setattr(pretrain, "visible", lambda: gpus)
    monkeypatch.setattr(pretrain, "check_processor", note)
    monkeypatch.setattr(pretrain, "launch", lambda *given: started.append(given[-1]))
    monkeypatch.setattr(pretrain, "take_turns", lambda *given: started.append(given[-1]))
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    pretrain.run(job, images_file, tmp_path, tmp_path / "metrics.jsonl")
    assert sorted({*widths}) == checked
    assert started == [2]
