"""Every step that computes runs where there is a GPU: no tensor of host memory meets one there.

The GPU is pretended.
"""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from loft.core.data import parallel_loading
from loft.core.data.dimensions import Dimensions
from loft.core.data.settings import ResizedCrop
from loft.core.data.sources import prepare
from loft.core.errors import JobError
from loft.core.reporting.joined_lines import read_joined
from loft.core.training.learner import Learner, evaluate, recalibrate_batch_norm
from loft.diversity.run import Run as DiversityRun
from loft.diversity.steps import replication
from loft.models.build import build
from loft.theorem1 import images as samples
from loft.theorem1.settings import ImagesSettings
from loft.tickets.finetuning import finetune
from loft.tickets.methods import METHODS
from loft.tickets.planning import speed
from loft.tickets.pretraining import pretrain, worker_changes
from loft.tickets.pruning import distance, prune
from loft.tickets.run.run import Run
from tests import pictures
from tests.conftest import ROOT, SGD, TINY, changed, method_job
from tests.diversity.runs import TINY as DIVERSITY
from tests.pretended import GPU, PretendedGpu, pretended
from tests.test_gpu import after
from tests.theorem1.conftest import SETTINGS

LARGE = {**SGD, "batch_size": 80}  # few steps
CELLS = ["dense", "gpipe-2", "gpipe-4", "local_sgd-2", "loft-2"]


class Again:
    """In place of a recorder: to replay work is to do it again."""

    def __init__(self, work: Callable[[], None] = lambda: None) -> None:
        self.replay = work

    def warm(self, work: Callable[[], None]) -> None:
        work()

    def record(self, work: Callable[[], None]) -> "Again":
        return Again(work)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PretendedGpu]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # of leases
    monkeypatch.setattr("loft.core.training.learner.recorder", lambda *_: Again())
    with pretended(monkeypatch) as mode:
        yield mode


@pytest.fixture
def small() -> Run:
    values: dict[str, Any] = {
        "updates": {"cells": ["loft-2", "local_sgd-2"], "iterations": [1, 2], "samples": 8},
        "pretrain": {**TINY["pretrain"], "epochs": 1, "calibration_images": 32, "sgd": LARGE},
        "prune": {**TINY["prune"], "ratios": [0.8]},
        "finetune": {**TINY["finetune"], "sgd": LARGE},
        "controls": ["scratch", "synflow"],
    }
    return Run.model_validate({**TINY, **values})


def test_tensors_of_both_places_never_meet(gpu: PretendedGpu) -> None:
    """The pretence itself."""
    here, there = torch.ones(2), torch.ones(2, device=GPU)
    assert (here.device.type, there.device) == ("cpu", torch.device(GPU))
    assert gpu.has(there[1:]) and gpu.has(there + 1) and gpu.has(torch.zeros_like(there))
    assert gpu.has(here.to(GPU)) and not gpu.has(there.cpu()) and not gpu.has(here)
    assert gpu.has(there * torch.tensor(2.0)) and gpu.has(there[torch.tensor([0])])
    mixes: list[Callable[[], object]] = [
        lambda: here + there,
        lambda: torch.stack([here, there]),
        lambda: here * torch.tensor(2.0, device=GPU),
        lambda: there.add_(here),
        lambda: there.index_copy_(0, torch.tensor([0]), there[:1]),
    ]
    for mix in mixes:
        with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
            mix()
    with pytest.raises(TypeError, match="numpy"):
        there.numpy()
    here.copy_(there)
    assert not gpu.has(here)


@pytest.mark.parametrize("method", [name for name in METHODS if name not in TINY["methods"]])
def test_every_method_pretrains(
    small: Run, images_file: Path, tmp_path: Path, gpu: PretendedGpu, method: str
) -> None:
    """Those that the tests' run has go through all steps below."""
    job = method_job(small, method, 1 if method == "imp" else 2)
    if method == "imp":  # one that rewinds
        job = changed(job, {"rounds": 2}, epochs=2)
    pretrain.run(job, images_file, tmp_path, tmp_path / "metrics.jsonl")
    assert read_joined(tmp_path / "metrics.jsonl")[0]["device"] == GPU
    assert gpu.used


@pytest.mark.parametrize("cell", CELLS)
def test_every_step_of_tickets(
    small: Run, images_file: Path, tmp_path: Path, gpu: PretendedGpu, cell: str
) -> None:
    folder, metrics = tmp_path / "pretrained", tmp_path / "pretrained" / "metrics.jsonl"
    job = small.pretrain_job("preresnet18", cell, 0)
    if cell == "loft-2":
        options = {"momentum": "carry", "aggregation": "direct", "batch_norm": "carry"}
        pretrain.run(changed(job, options), images_file, tmp_path / "c", tmp_path / "c.jsonl")
    pretrain.run(job, images_file, folder, metrics)
    about = read_joined(metrics)[0]
    assert (about["device"], about.get("turns", False)) == (GPU, job.workers > 1)
    assert gpu.used
    if job.measured_steps is not None:
        return
    if cell in ("loft-2", "local_sgd-2"):
        worker_changes.run(
            small.worker_changes_job("preresnet18", cell, 0), images_file, folder, tmp_path / "u"
        )
    norms = folder / "norms.safetensors"
    distance.run(small.distance, [norms], [metrics], tmp_path / "distance.jsonl")
    if cell not in ("dense", "loft-2"):
        return
    prune.run(small.prune_job(), [folder])
    where = {cell: folder}
    for control in small.controls if cell == "dense" else ():
        where[control] = tmp_path / control
        prune.control(small.control_job(control), folder, where[control])
    for name, tickets in where.items():
        job_of = small.finetune_job(name, 0)
        job_of = job_of.model_copy(update={"tickets": job_of.tickets[-1:]})
        finetune.run(job_of, images_file, tickets, tmp_path / "n.safetensors", tmp_path / "f.jsonl")
        lines = read_joined(tmp_path / "f.jsonl")
        assert lines[0]["device"] == GPU
        assert lines[-1]["flops"] > 0


@pytest.mark.parametrize("cell", ["gpipe-2", "loft-2"])
def test_a_stopped_training_goes_on(
    small: Run,
    images_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    gpu: PretendedGpu,
    cell: str,
) -> None:
    given = small.pretrain_job("preresnet18", cell, 0)
    job, work, out = changed(given, epochs=2), tmp_path / "work", tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(Learner, "take", after(1, Learner.take))
        with pytest.raises(JobError, match="stopped by SIGTERM; what was done is kept"):
            pretrain.run(job, images_file, out, out / "metrics.jsonl", work)
    pretrain.run(job, images_file, out, out / "metrics.jsonl", work)
    assert gpu.used


def unpinned(load: Callable[..., Any], *given: Any, pinned: bool) -> Any:
    return load(*given, pinned=pinned and False)


def test_image_files_arrive_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpu: PretendedGpu
) -> None:
    """Page-locked memory is a GPU's own, so the pretence does without."""
    pictures.write_folder(tmp_path / "pictures", 8, 2)
    values = {"data": pictures.settings(tmp_path / "pictures"), "augment": pictures.AUGMENT}
    settings = Run.model_validate({**TINY, **values}).data
    data = prepare(settings, loaders=0)
    monkeypatch.setattr(
        "loft.core.data.image_folders.load", partial(unpinned, parallel_loading.load)
    )
    batches = data.batches(ResizedCrop.model_validate(pictures.AUGMENT), 4, GPU, 0)
    network = build("preresnet18", 4, channels=3, size=16, classes=3, seed=0).to(GPU)
    for images, labels in batches.epoch(0, 1, 0):
        assert gpu.has(images) and gpu.has(labels)
        F.cross_entropy(network(images), labels)
    recalibrate_batch_norm(network, batches.calibration(4, 2), "float32", GPU)
    assert 0 <= evaluate(network, batches, "float32", GPU).accuracy <= 100


def test_a_plan_times_steps_there(small: Run, gpu: PretendedGpu) -> None:
    timed = speed.measure(small, Dimensions("digits", 10, 1, 8, 160, 100))
    assert timed.device == "this machine's pretended GPU"
    assert gpu.used


def test_other_studies_compute_in_host_memory(
    images_file: Path, tmp_path: Path, gpu: PretendedGpu
) -> None:
    run = DiversityRun.model_validate(DIVERSITY)
    replication.run(run.replication_job("logistic"), images_file, tmp_path / "replication.jsonl")
    samples.prepare(ImagesSettings.model_validate(SETTINGS["images"]), 0, images_file)
    assert not gpu.used


@pytest.mark.parametrize("study", ["theorem1", "soda", "diversity"])
def test_other_studies_name_no_gpu(study: str) -> None:
    """Their workers are told to do without; nothing else of theirs could put a tensor there."""
    for path in (ROOT / "src" / "loft" / study).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "torch.cuda" not in text and "cuda:" not in text, path
        assert "device=" not in text, path
        assert text.count("ProcessWorker(") == text.count("ProcessWorker(gpu=False)"), path
        assert "join_workers()" not in text, path
