"""Where every worker of every step computes, for any number of GPUs; here they are faked.

Threads in turns are real; processes are contexts, each with the place of one.
"""

import contextvars
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from loft.core.processes import loopback
from loft.core.processes.turn_taking import join_workers
from loft.core.processes.workers import PLACE, Place
from loft.core.system import devices
from loft.tickets.finetuning import finetune
from loft.tickets.methods import METHODS
from loft.tickets.methods.interface import find
from loft.tickets.pretraining import pretrain, worker_changes
from loft.tickets.pretraining.job import PretrainJob, WorkerChangesJob
from loft.tickets.pruning import distance, prune
from loft.tickets.report import draw_figures, make_tables
from loft.tickets.run.run import Run
from tests.conftest import method_job

GPUS = [0, 1, 2, 4, 8]


class SeenError(Exception):
    """Ends a step once its device is known."""


def expected(method: str, workers: int, gpus: int) -> list[str]:
    """Return the device of every worker."""
    if gpus >= workers:
        return [f"cuda:{rank}" for rank in range(workers)]
    if gpus and find(method).takes_turns:
        return ["cuda:0"] * workers  # in turns on the GPU that the job leased
    return ["cpu"] * workers


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Collect rank and device of the workers that a step starts."""
    found: list[tuple[int, str]] = []

    def note(*_: Any) -> None:
        workers = join_workers()
        found.append((workers.rank, workers.device))

    def launched(work: Callable[..., None], arguments: tuple[Any, ...], workers: int) -> None:
        for rank in range(workers):
            context = contextvars.copy_context()
            context.run(PLACE.set, Place(rank, workers, tmp_path))
            context.run(work, *arguments)

    monkeypatch.setattr(pretrain, "begin", note)
    monkeypatch.setattr(worker_changes, "work", note)
    for step in (pretrain, worker_changes):
        monkeypatch.setattr(step, "launch", launched)
    monkeypatch.setattr(loopback, "use_only", lambda: None)
    monkeypatch.setattr(torch.distributed, "init_process_group", lambda *_, **__: None)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return found


def machine(monkeypatch: pytest.MonkeyPatch, gpus: int) -> None:
    """Have torch see so many GPUs, of those that the environment lets it see."""

    def count() -> int:
        named = os.environ.get(devices.VARIABLE)
        return gpus if named is None else min(gpus, len(named.split(",")))

    monkeypatch.delenv(devices.VARIABLE, raising=False)
    monkeypatch.setattr(torch.cuda, "device_count", count)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "set_device", lambda _: None)


def job(run: Run, method: str, workers: int) -> PretrainJob:
    own = method_job(run, method, 1 if method == "dense" else 2)
    return own.model_copy(update={"workers": workers})


@pytest.mark.parametrize("gpus", GPUS)
@pytest.mark.parametrize("method", METHODS)
def test_pretraining_and_updates(
    run: Run,
    images_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seen: list[tuple[int, str]],
    method: str,
    gpus: int,
) -> None:
    machine(monkeypatch, gpus)
    for workers in range(1, 9) if method != "dense" else [1]:
        own, out = job(run, method, workers), tmp_path / "metrics.jsonl"
        pretrain.run(own, images_file, tmp_path, out)
        wanted = [*enumerate(expected(method, workers, gpus))]
        assert sorted(seen) == wanted
        seen.clear()
        told = WorkerChangesJob(pretraining=own, iterations=[1], samples=1)
        worker_changes.run(told, images_file, tmp_path, out)
        assert sorted(seen) == wanted
        seen.clear()


@pytest.mark.parametrize("gpus", GPUS)
@pytest.mark.parametrize("cell", ["loft-2", "scratch"])  # of a pretraining, of a control
def test_fine_tuning(
    run: Run,
    images_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    gpus: int,
    cell: str,
) -> None:
    machine(monkeypatch, gpus)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def configure(_: Any, device: str) -> None:
        raise SeenError(device)

    monkeypatch.setattr(finetune, "configure_torch", configure)
    with pytest.raises(SeenError, match="cuda:0" if gpus else "cpu"):
        finetune.run(run.finetune_job(cell, 0), images_file, tmp_path, tmp_path, tmp_path)


@pytest.mark.parametrize("module", [prune, distance, make_tables, draw_figures])
def test_other_steps_lease_no_gpu(module: ModuleType) -> None:
    """They compute on CPUs, in seconds."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    assert "leased" not in source
    assert "cuda" not in source
