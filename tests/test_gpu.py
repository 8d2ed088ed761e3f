"""What only a GPU can show: every step that computes runs on one, captured, and goes on the same.

    python -m pytest -m gpu

Nothing here needs Snakemake, DVC or MLflow, or downloads anything.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from loft.core.data.dataset import write
from loft.core.data.resident_images import Images
from loft.core.errors import JobError
from loft.core.reporting.joined_lines import read_joined
from loft.core.reporting.metrics import Line, read
from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.training.learner import CUBLAS, Learner, Tally, configure_torch
from loft.models.build import build
from loft.tickets.finetuning import finetune
from loft.tickets.pretraining import pretrain, worker_changes
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pruning import distance, prune
from loft.tickets.run.run import Run
from tests.conftest import TINY, changed
from tests.core.training.test_capture import Curious
from tests.faults.harness import made

pytestmark = pytest.mark.gpu

DEVICE = "cuda:0"
os.environ.setdefault(*CUBLAS)  # torch looks at it once, when cuBLAS is first used
CELLS = ["dense", "gpipe-2", "local_sgd-2", "loft-2", "loft-4"]
SGD = SgdSettings(learning_rate=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4, batch_size=64)
STEPS = 50
LOSS, WEIGHTS = 1e-3, 1e-2  # relative differences that captured steps may have from plain ones


@pytest.fixture(scope="module")
def run() -> Run:
    early = {"cells": ["loft-2"], "ratios": [0.8]}
    updating = {"cells": ["loft-2"], "iterations": [1, 2], "samples": 32}
    values: dict[str, Any] = {
        "updates": updating,
        "controls": ["random", "scratch"],
    }
    values["pretrain"] = {**TINY["pretrain"], "epochs": 3}
    tuning = {**TINY["finetune"], "early": early}
    return Run.model_validate({**TINY, **values, "finetune": tuning, "seeds": [0]})


@pytest.fixture(scope="module")
def images_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten noisy patterns, which a network can learn, in place of digits."""
    random = torch.Generator().manual_seed(0)
    labels = torch.arange(420) % 10
    patterns = torch.randint(0, 200, (10, 1, 8, 8), generator=random)
    noise = torch.randint(0, 56, (420, 1, 8, 8), generator=random)
    pixels = (patterns[labels] + noise).to(torch.uint8)
    images = Images(
        "digits", [*"0123456789"], pixels[:320], labels[:320], pixels[320:], labels[320:]
    )
    path = tmp_path_factory.mktemp("data") / "images.safetensors"
    write(images, path)
    return path


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leave the process as it was: its algorithms, and what signals do to it."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    torch.use_deterministic_algorithms(False)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def job(run: Run, cell: str, **compute: Any) -> PretrainJob:
    given = run.pretrain_job("preresnet18", cell, 0)
    return changed(given, compute={**given.compute.model_dump(), **compute})


def trained(job: PretrainJob, images: Path, folder: Path, work: Path | None = None) -> list[Line]:
    """Pretrain on the GPU, all workers in this process; return what was measured."""
    pretrain.run(job, images, folder, folder / "metrics.jsonl", work)
    lines = read_joined(folder / "metrics.jsonl")
    assert lines[0]["device"] == DEVICE
    return lines


@pytest.fixture(scope="module", params=CELLS)
def pretrained(
    request: pytest.FixtureRequest, run: Run, images_file: Path, tmp_path_factory: Any
) -> tuple[str, Path]:
    cell: str = request.param
    folder = tmp_path_factory.mktemp(cell)
    trained(job(run, cell), images_file, folder)
    return cell, folder


def test_everything_from_pretraining_to_distances_runs(
    run: Run,
    images_file: Path,
    pretrained: tuple[str, Path],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """And nothing says that steps could not be captured."""
    cell, folder = pretrained
    lines = read(folder / "metrics.jsonl")
    losses = [line["loss"] for line in lines if line["kind"] == "epoch"]
    assert losses[-1] < losses[0]
    prune.run(run.prune_job(), [folder])
    tickets = {cell: folder}
    if cell == "dense":
        for control in run.controls:
            tickets[control] = tmp_path / control
            prune.control(run.control_job(control), folder, tickets[control])
    for name, where in tickets.items():
        out = tmp_path / f"finetune-{name}"
        tuning = run.finetune_job(name, 0)
        finetune.run(tuning, images_file, where, out / "norms.safetensors", out / "metrics.jsonl")
        ticket = [line for line in read(out / "metrics.jsonl") if line["kind"] == "ticket"][-1]
        assert ticket["flops"] > 0
    norms, metrics = folder / "norms.safetensors", folder / "metrics.jsonl"
    distance.run(run.distance, [norms], [metrics], tmp_path / "distance.jsonl")
    assert "cannot be captured" not in capfd.readouterr().err


def test_updates_are_measured_in_turns(
    run: Run, images_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    trained(job(run, "loft-2"), images_file, tmp_path)
    wanted = run.worker_changes_job("preresnet18", "loft-2", 0)
    worker_changes.run(wanted, images_file, tmp_path, tmp_path / "updates.jsonl")
    kinds = [line["kind"] for line in read(tmp_path / "updates.jsonl")]
    assert kinds.count("gradients") == 2 * len(wanted.pretraining.snapshots)
    assert "cannot be captured" not in capfd.readouterr().err


def test_filters_go_straight_from_worker_to_worker(
    run: Run, images_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    options = {"momentum": "carry", "aggregation": "direct", "batch_norm": "carry"}
    lines = trained(changed(job(run, "loft-2"), options), images_file, tmp_path)
    losses = [line["loss"] for line in lines if line["kind"] == "epoch"]
    assert losses[-1] < losses[0]
    assert "cannot be captured" not in capfd.readouterr().err


def steps(
    width: int, compute: ComputeSettings, narrow: bool = False
) -> tuple[list[float], Learner]:
    """Take steps on batches drawn ahead; return every tenth one's summed loss so far."""
    torch.manual_seed(0)
    filters = {"layer2.1": width, "layer3.1": 2 * width, "layer4.1": 2 * width} if narrow else None
    network = build("preresnet18", width, channels=3, size=16, classes=10, filters=filters, seed=0)
    learner = Learner(network, SGD, compute, DEVICE)
    random = torch.Generator().manual_seed(1)
    patterns = torch.randn(10, 16, 16, 3, generator=random)
    losses = []
    for step in range(STEPS):
        labels = torch.randint(0, 10, (64,), generator=random)
        pixels = patterns[labels] + torch.randn(64, 16, 16, 3, generator=random)
        learner.step(pixels.permute(0, 3, 1, 2).to(DEVICE), labels.to(DEVICE), 0.02)
        if step % 10 == 9:
            losses.append(learner.seen.read().loss)
    return losses, learner


def distance_of(first: Learner, second: Learner) -> float:
    """Return the largest relative distance of two networks' tensors."""
    pairs = zip(first.model.state_dict().values(), second.model.state_dict().values(), strict=True)
    return max(
        float((one.double() - other.double()).norm() / other.double().norm().clamp_min(1e-12))
        for one, other in pairs
    )


@pytest.mark.parametrize("width", [4, 32])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("narrow", [False, True])
def test_captured_steps_are_the_plain_ones(width: int, precision: str, narrow: bool) -> None:
    """With deterministic algorithms: what is left is what a capture changes."""
    compute = ComputeSettings.model_validate(
        {"threads": 1, "precision": precision, "channels_last": True, "compiled": False}
        | {"deterministic": True}
    )
    configure_torch(compute, DEVICE)
    plain = steps(width, compute.model_copy(update={"captured": False}), narrow)
    captured = steps(width, compute, narrow)
    assert captured[1]._replayed is not None and captured[1]._replayed._recording is not None
    apart = distance_of(captured[1], plain[1])
    print(f"captured against plain, width {width}, {precision}, narrow {narrow}: {apart:.3g} apart")
    assert captured[0] == pytest.approx(plain[0], rel=LOSS)
    assert apart < WEIGHTS


def test_momentum_reset_carried_and_put_back_reaches_captured_steps() -> None:
    compute = ComputeSettings(threads=1, precision="float32", channels_last=True, compiled=False)
    configure_torch(compute.model_copy(update={"deterministic": True}), DEVICE)
    found = []
    for captured in (False, True):
        own = compute.model_copy(update={"captured": captured})
        learner = steps(4, own)[1]
        learner.reset_momentum()
        images, labels = torch.ones(64, 3, 16, 16, device=DEVICE), torch.zeros(64).long().to(DEVICE)
        learner.step(images, labels, 0.01)
        first = {name: buffer.clone() for name, buffer in learner.momentum().items()}
        learner.step(images, labels, 0.01)
        learner.load_momentum(first)
        learner.step(images, labels, 0.01)
        found.append(learner)
    assert distance_of(*found) < WEIGHTS


def test_where_a_capture_fails_steps_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    compute = ComputeSettings(threads=1, precision="float32", channels_last=True, compiled=False)
    learner = Learner(Curious(), SGD, compute, DEVICE)
    images = torch.randn(16, 1, 8, 8, device=DEVICE).to(memory_format=torch.channels_last)
    labels = torch.arange(16, device=DEVICE) % 10
    losses = []
    for _ in range(12):
        learner.seen.load(Tally())
        learner.step(images, labels, 0.05)
        losses.append(learner.seen.read().loss)
    assert losses[-1] < losses[0]
    said = capfd.readouterr().err
    assert said.count("compute.captured: steps cannot be captured and are taken as they come") == 1
    print(said)


def after(count: int, take: Callable[..., None]) -> Callable[..., None]:
    """Return a learner's `take` that has this process told to end after so many steps of all."""
    left = [count]

    def counted(*given: Any) -> None:
        take(*given)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGTERM)

    return counted


@pytest.mark.parametrize(("cell", "captured"), [(c, "auto") for c in CELLS] + [("loft-2", False)])
def test_what_goes_on_ends_with_the_same_bits(
    run: Run,
    images_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cell: str,
    captured: Any,
) -> None:
    """With deterministic algorithms; stopped in the second epoch, where a step is captured."""
    wanted = job(run, cell, deterministic=True, captured=captured)
    trained(wanted, images_file, tmp_path / "straight")
    work, out = tmp_path / "work", tmp_path / "resumed"
    with monkeypatch.context() as patch:
        takers = 1 if cell == "gpipe-2" else wanted.workers
        patch.setattr(Learner, "take", after(13 * takers, Learner.take))
        with pytest.raises(JobError, match="stopped by SIGTERM; what was done is kept"):
            pretrain.run(wanted, images_file, out, out / "metrics.jsonl", work)
    trained(wanted, images_file, out, work)
    assert made(out) == made(tmp_path / "straight")


@pytest.mark.parametrize("cell", CELLS)
def test_two_runs_end_with_the_same_bits(
    run: Run, images_file: Path, tmp_path: Path, cell: str
) -> None:
    """With deterministic algorithms; `benchmarks.determinism` says what holds without."""
    found = []
    for number in range(2):
        folder = tmp_path / f"{number}"
        trained(job(run, cell, deterministic=True), images_file, folder)
        found.append(made(folder))
    assert found[0] == found[1]


def test_workers_in_turns_share_one_pool(run: Run, images_file: Path, tmp_path: Path) -> None:
    """What captured steps of several workers take beside their networks is taken once."""
    held = {}
    for width in (64,):
        compute = ComputeSettings(
            threads=1, precision="bfloat16", channels_last=True, compiled=False
        )
        images = torch.randn(64, 3, 32, 32, device=DEVICE).to(memory_format=torch.channels_last)
        labels = torch.arange(64, device=DEVICE) % 10
        learners: list[Learner] = []
        for number in range(1, 5):
            network: nn.Module = build(
                "preresnet18", width, channels=3, size=32, classes=10, seed=number
            )
            learners.append(Learner(network, SGD, compute, DEVICE))
            for _ in range(6):
                learners[-1].step(images, labels, 0.01)
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
            held[number] = torch.cuda.memory_reserved()
    own = sum(parameter.nbytes for parameter in learners[0].model.parameters())
    print("reserved with 1 to 4 captured learners, MB:", [value >> 20 for value in held.values()])
    assert held[4] - held[1] < 3 * (2 * own + 2**26)


def test_steps_do_not_wait_for_the_device() -> None:
    """Launching is quicker than computing: nothing is read back within steps."""
    compute = ComputeSettings(threads=1, precision="bfloat16", channels_last=True, compiled=False)
    network = build("preresnet18", 64, channels=3, size=32, classes=10, seed=0)
    learner = Learner(network, SGD, compute, DEVICE)
    images = torch.randn(512, 3, 32, 32, device=DEVICE).to(memory_format=torch.channels_last)
    labels = torch.arange(512, device=DEVICE) % 10
    for _ in range(8):
        learner.step(images, labels, 0.01)
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")  # whatever waits raises
    try:
        began = time.perf_counter()
        for _ in range(10):
            learner.step(images, labels, 0.01)
        launched = time.perf_counter() - began
    finally:
        torch.cuda.set_sync_debug_mode("default")
    torch.cuda.synchronize()
    whole = time.perf_counter() - began
    print(f"10 steps: {1e3 * launched:.2f} ms to launch, {1e3 * whole:.2f} ms in all")
