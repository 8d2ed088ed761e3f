"""Small runs for the tests: digits at their own 8x8, the narrowest network, a handful of steps."""

import copy
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest
import torch
import yaml

from loft.core.data.dataset import write
from loft.core.data.resident_images import Images
from loft.core.data.sources import prepare
from loft.core.processes.fork_server import forking
from loft.core.reporting.joined_lines import read_joined
from loft.core.reporting.metrics import Line
from loft.tickets.methods.interface import find
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.pretrain import run as pretraining
from loft.tickets.results.cells import Cell
from loft.tickets.run.run import Run
from tests.project import copy_to, make

# `make test` hands these on, and a `make` that a test starts would print more because of them.
for name in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS"):
    os.environ.pop(name, None)
# A shell's background job ignores SIGINT, and so would every process that a test interrupts.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]
SGD = {
    "learning_rate": 0.05,
    "momentum": 0.9,
    "nesterov": True,
    "weight_decay": 5.0e-4,
    "batch_size": 32,
}
TINY: dict[str, Any] = {
    "run": "tiny",
    "studies": ["tickets"],
    "seeds": [0],
    "data": {
        "name": "digits",
        "size": 8,
        "train_images": 160,
        "test_images": 100,
        "split_seed": 0,
    },
    "augment": {"crop_padding": 1, "flip": False},
    "models": [{"name": "preresnet18", "width": 4}],
    "compute": {"threads": 1, "precision": "float32", "channels_last": True, "compiled": False},
    "pretrain": {
        "epochs": 2,
        "snapshot_every": 1,
        "evaluate_every": 1,
        "calibration_images": 64,
        "sgd": {**SGD},  # its own, so that a test may change one
    },
    "methods": {
        "dense": {"workers": [1]},
        "gpipe": {"workers": [2, 4], "microbatches": 2, "measured_steps": 2},
        "local_sgd": {"workers": [2, 4], "local_iterations": 2, "batch_norm": "recalibrate"},
        "loft": {
            "workers": [2, 4],
            "local_iterations": 2,
            "batch_norm": "recalibrate",
            "aggregation": "star",
            "momentum": "reset",
            "branch_scale": "inverse_workers",
        },
    },
    "prune": {"ratios": [0.5, 0.8], "criterion": "l2", "multiple": 1},
    "controls": ["random", "scratch"],
    "finetune": {
        "epochs": 1,
        "evaluate_every": 1,
        "sgd": {**SGD},  # its own, so that a test may change one
        "early": {"cells": ["gpipe-2", "loft-2", "loft-4"], "ratios": [0.8]},
    },
    "verdict": {"margin": 0.8, "confidence": 0.95},
    "distance": {
        "mask_ratio": 0.5,
        "mask_threshold": 0.1,
        "filter_threshold": 0.2,
        "window": 1,
    },
}
METHODS = TINY["methods"]
ORIGIN: dict[str, Any] = {  # what the file beside a network says of where it comes from
    "run": "tiny",
    "class_names": [*"0123456789"],
    "mean": [0.3],
    "std": [0.4],
    "precision": "float32",
    "commit": None,
    "torch": "2.15.0",
    "processor": "x86_64",
    "gpu": None,
}
GRAPH: dict[str, Any] = {  # what is made whole: a job takes longer to start than to train
    **TINY,
    "methods": {**METHODS, "local_sgd": {**METHODS["local_sgd"], "workers": [2]}},
}


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a file's tests to one process, and to the same one files that share a made run."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            return "made" if file in ("tests/test_storage.py", "tests/test_workflow.py") else file

    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a GPU where there is none."""
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and not torch.cuda.is_available():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="torch sees no GPU here"))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Compute as workers do: other numbers of threads round differently, and ReLUs amplify it."""
    torch.set_num_threads(1)


@pytest.fixture
def tiny() -> dict[str, Any]:
    """A run's settings, to be changed at will."""
    return copy.deepcopy(TINY)


@pytest.fixture(scope="session")
def run() -> Run:
    return Run.model_validate(TINY)


@pytest.fixture(scope="session")
def images(run: Run) -> Images:
    made = prepare(run.data, loaders=0)
    assert isinstance(made, Images)
    return made


@pytest.fixture(scope="session")
def images_file(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "images.safetensors"
    write(images, path)
    return path


def loft(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `loft` as a user does, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "loft", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def changed(job: PretrainJob, options: dict[str, Any] | None = None, **values: Any) -> PretrainJob:
    """Return a job with other values, checked like any other."""
    plain = job.model_dump()
    plain["options"].update(options or {})
    return PretrainJob.model_validate({**plain, **values})


def method_job(run: Run, method: str, workers: int, **options: Any) -> PretrainJob:
    """Return the pretraining of any method of the table, by so many workers.

    Its options are those of the tests' run. A method that the run has not has short rounds, so that
    an epoch holds several, and defaults.
    """
    known = find(method).model_fields
    short = {"local_iterations": 2} if "local_iterations" in known else {}
    given = {**short, **METHODS.get(method, {}), **options, "workers": [workers]}
    dense = run.pretrain_job("preresnet18", "dense", 0).model_dump()
    cell = Cell(method, workers).name
    about = {"method": method, "workers": workers, "cell": cell, "options": given}
    return PretrainJob.model_validate({**dense, **about})


class Pretrain(Protocol):
    """Pretrain with real worker processes; return the folder and what was measured.

    The same job is done once for all tests, unless `again`. The workers of all jobs are forked off
    one server, so that torch is not imported for each job.
    """

    def __call__(self, job: PretrainJob, again: bool = False) -> tuple[Path, list[Line]]: ...


@pytest.fixture(scope="session")
def pretrain(images_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Pretrain:
    done: dict[str, tuple[Path, list[Line]]] = {}
    with forking("loft.tickets.pretraining.pretrain", "torch.distributed.pipelining"):
        pass  # the server that forks all workers has imported what takes seconds

    def start(job: PretrainJob) -> tuple[Path, list[Line]]:
        out = tmp_path_factory.mktemp("pretraining")
        pretraining(job, images_file, out, out / "metrics.jsonl")
        return out, read_joined(out / "metrics.jsonl")

    def pretrained(job: PretrainJob, again: bool = False) -> tuple[Path, list[Line]]:
        if again or job.dump() not in done:
            done[job.dump()] = start(job)
        return done[job.dump()]

    return pretrained


def write_params(path: Path, values: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a tiny run, so that the real results stay as they are."""
    folder = copy_to(tmp_path_factory.mktemp("project"))
    write_params(folder / "params" / "tiny.yaml", GRAPH)
    return folder


@pytest.fixture(scope="session")
def made(project: Path) -> Path:
    """The tiny run, made from the images up."""
    make(project, "tiny", "all", "diary")
    return project / "results" / "tiny"
