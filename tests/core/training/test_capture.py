"""A captured step is the plain step, bit for bit: captured here on a tape, by GPUs in graphs.

What a tape and a graph have in common is that they know no Python and use the same memory again, so
whatever is done to a network between steps has to be done in place.
"""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.training import capture
from loft.core.training.capture import WARM_UP, Replayed
from loft.core.training.learner import Learner, Tally
from loft.models.build import build
from loft.tickets.finetuning import finetune
from loft.tickets.pretraining import pretrain
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pruning import prune
from loft.tickets.run.run import Run
from tests.conftest import changed
from tests.core.tape import Tape, Taping
from tests.faults.harness import made

SGD = SgdSettings(learning_rate=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3, batch_size=8)
COMPUTE = ComputeSettings(threads=1, precision="float32", channels_last=True, compiled=False)
RATES = [0.1 / (1 + step) for step in range(WARM_UP + 5)]


@pytest.fixture
def taping(monkeypatch: pytest.MonkeyPatch) -> Taping:
    """Let CPUs capture steps, on tapes."""
    taping = Taping()
    monkeypatch.setattr("loft.core.training.learner.recorder", lambda *_: taping)
    return taping


def network() -> nn.Module:
    return build("preresnet18", 4, channels=1, size=8, classes=10, seed=0)


def batch(step: int, images: int = 8) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(step)
    pixels = torch.randn(images, 8, 8, 1, generator=random).permute(0, 3, 1, 2)
    return pixels, torch.randint(0, 10, (images,), generator=random)


def learners(monkeypatch: pytest.MonkeyPatch, taping: Taping) -> tuple[Learner, Learner]:
    """One that takes steps as they come and one that captures them."""
    captured = Learner(network(), SGD, COMPUTE, "cpu")
    with monkeypatch.context() as patch:
        patch.setattr("loft.core.training.learner.recorder", lambda *_: None)
        return Learner(network(), SGD, COMPUTE, "cpu"), captured


def same(first: Learner, second: Learner) -> bool:
    """Whether weights, statistics, momentum and what was seen are the same to the bit."""
    states = [{**each.model.state_dict(), **each.momentum()} for each in (first, second)]
    alike = all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    return alike and first.seen.read() == second.seen.read()


def test_steps_are_warmed_up_captured_once_and_replayed(
    monkeypatch: pytest.MonkeyPatch, taping: Taping
) -> None:
    plain, captured = learners(monkeypatch, taping)
    for step, rate in enumerate(RATES):
        for learner in (plain, captured):
            learner.step(*batch(step), rate)
        assert same(plain, captured), step
    assert (taping.warmed, len(taping.tapes)) == (WARM_UP, 1)
    assert captured.seen.read().images == 8 * len(RATES)


def test_whatever_is_done_between_steps_reaches_a_captured_one(
    monkeypatch: pytest.MonkeyPatch, taping: Taping
) -> None:
    """Momentum reset and put in, a state gone back to, a tally begun anew, a mode of evaluation."""
    plain, captured = learners(monkeypatch, taping)
    buffers = {name: torch.rand(p.shape) for name, p in network().named_parameters()}
    states = {}
    for step in range(WARM_UP + 12):
        for learner in (plain, captured):
            learner.step(*batch(step), 0.05)
            if step == WARM_UP:
                states[learner] = copy.deepcopy(learner.state())
            if step == WARM_UP + 2:
                learner.reset_momentum()
            if step == WARM_UP + 4:
                learner.load_momentum(buffers)
            if step == WARM_UP + 6:
                learner.load_state(states[learner])
                learner.seen.load(Tally(1.5, 3, 4))
            if step == WARM_UP + 8:
                learner.model.eval()
                with torch.inference_mode():
                    learner.model(batch(0)[0])
        assert same(plain, captured), step
    assert len(taping.tapes) == 1


def test_batches_of_another_size_are_captured_anew(
    monkeypatch: pytest.MonkeyPatch, taping: Taping
) -> None:
    plain, captured = learners(monkeypatch, taping)
    for step in range(2 * WARM_UP + 4):
        for learner in (plain, captured):
            learner.step(*batch(step, images=8 if step < WARM_UP + 2 else 4), 0.05)
    assert same(plain, captured)
    assert len(taping.tapes) == 2


class Curious(nn.Module):
    """Asks for a value in the middle of a step, as no captured step may."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = network()

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.layers(x)
        return logits * (1 if logits.mean().item() < 1e9 else 0)


def test_where_a_capture_fails_steps_go_on_and_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, taping: Taping, capsys: pytest.CaptureFixture[str]
) -> None:
    captured = Learner(Curious(), SGD, COMPUTE, "cpu")
    monkeypatch.setattr("loft.core.training.learner.recorder", lambda *_: None)
    plain = Learner(Curious(), SGD, COMPUTE, "cpu")
    for step, rate in enumerate(RATES):
        for learner in (plain, captured):
            learner.step(*batch(step), rate)
    assert same(plain, captured)
    assert capsys.readouterr().err == (
        "compute.captured: steps cannot be captured and are taken as they come "
        "(RuntimeError: operation not permitted when stream is capturing)\n"
    )


def test_a_failed_capture_leaves_nothing_behind() -> None:
    left: list[str] = []

    class Failing(Taping):
        def record(self, work: Callable[[], None]) -> Tape:
            left.append("gradients")
            raise RuntimeError("no")

    done: list[float] = []
    replayed = Replayed(Failing(), left.clear)
    for value in range(WARM_UP + 2):
        replayed(lambda tensor: done.append(tensor.item()), torch.tensor(float(value)))
    assert left == []
    assert done == [0, 1, 2, 3, 4]


def test_cpus_capture_nothing_and_say_so_only_if_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert capture.recorder("auto", "cpu") is None
    assert capture.recorder(False, "cuda:0") is None
    assert isinstance(capture.recorder("auto", "cuda:0"), capture.Gpu)
    assert capsys.readouterr().err == ""
    assert capture.recorder(True, "cpu") is None
    assert "cpu captures no steps; they are taken as they come" in capsys.readouterr().err


CELLS = {  # with options under which everything between steps happens
    "dense": {},
    "gpipe-2": {},
    "local_sgd-2": {},
    "loft-2": {},
    "loft-4": {"momentum": "carry", "aggregation": "direct", "batch_norm": "carry"},
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_pretraining_of_captured_steps_makes_the_same_files(
    run: Run,
    images_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cell: str,
) -> None:
    """Workers take turns, so that all of them are in this process, as on one GPU."""
    options = CELLS[cell]
    job = changed(run.pretrain_job("preresnet18", cell, 0), options)
    trained(job, images_file, tmp_path / "plain")
    taping = Taping()
    monkeypatch.setattr("loft.core.training.learner.recorder", lambda *_: taping)
    trained(job, images_file, tmp_path / "captured")
    together = cell == "gpipe-2"  # one step of all stages
    assert len(taping.tapes) == (1 if together else job.workers)  # a merge invalidates none
    assert made(tmp_path / "captured") == made(tmp_path / "plain")


def trained(job: PretrainJob, images: Path, folder: Path) -> None:
    turns = job.workers > 1
    pretrain.run(job, images, folder, folder / "metrics.jsonl", turns=turns)


def test_a_fine_tuning_of_captured_steps_makes_the_same_files(
    run: Run, images_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pretrained"
    trained(run.pretrain_job("preresnet18", "dense", 0), images_file, folder)
    prune.run(run.prune_job(), [folder])
    job = run.finetune_job("dense", 0).model_copy(update={"epochs": 2})
    taping = Taping()
    for name, by in [("plain", None), ("captured", taping)]:
        monkeypatch.setattr("loft.core.training.learner.recorder", lambda *_, by=by: by)
        out = tmp_path / name
        finetune.run(job, images_file, folder, out / "norms.safetensors", out / "metrics.jsonl")
    assert len(taping.tapes) == len(job.tickets)
    assert made(tmp_path / "captured") == made(tmp_path / "plain")
