"""Each hook does its one thing to an epoch's line, and knows it again when a job goes on."""

import math
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from loft.core.data.dataset import Batches
from loft.core.errors import JobError
from loft.core.processes.workers import Workers
from loft.core.reporting.metrics import Journal
from loft.core.training.hooks import (
    AddLine,
    CountBytes,
    Epoch,
    Evaluate,
    KeepState,
    ShowProgress,
    StopOnDivergence,
    Summarise,
)
from loft.core.training.learner import Tally
from loft.core.training.resume import State, StateKeeper


class Two:
    """Two workers' reports: this one's, and what the other said."""

    def __init__(self, **other: Any) -> None:
        self.other, self.sent = other, 0

    def exchange(self, report: dict[str, Any]) -> list[dict[str, Any]]:
        return [report, self.other]


def workers(**other: Any) -> Workers:
    return cast(Workers, Two(**other))


def epoch(number: int = 1, seen: Tally | None = None, **line: Any) -> Epoch:
    made = Epoch(number, seen or Tally(), lambda calibrated: nn.Linear(2, 2))
    made.line.update(line)
    return made


def test_a_loss_is_a_mean_over_all_workers_images() -> None:
    ended = epoch(seen=Tally(loss=3.0, correct=1, images=2))
    Summarise(workers(loss=1.0, correct=5, images=6)).after_epoch(ended)
    assert ended.line == {"epoch": 1, "loss": 0.5, "train_accuracy": 75.0}


def test_workers_that_compute_no_loss_count_nothing() -> None:
    """Of a pipeline only the last one does."""
    ended = epoch()
    Summarise(workers(loss=4.0, correct=4, images=8)).after_epoch(ended)
    assert ended.line == {"epoch": 1, "loss": 0.5, "train_accuracy": 50.0}


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_ends_a_training(loss: float) -> None:
    hook = StopOnDivergence(lambda number, loss: JobError(f"epoch {number}: {loss}"))
    hook.after_epoch(epoch(loss=1.0))
    with pytest.raises(JobError, match=f"epoch 3: {loss}"):
        hook.after_epoch(epoch(3, loss=loss))


def test_bytes_are_counted_over_workers_and_processes() -> None:
    first = workers(sent=30)
    first.sent = 12
    ended = epoch()
    CountBytes(first).after_epoch(ended)
    assert ended.line["bytes_sent"] == 42
    again = workers(sent=30)
    CountBytes(again).load_state(*CountBytes(first).state())
    assert again.sent == 12


class Images:
    """Test images of which a network that says 0 gets three of four right."""

    def test(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        yield torch.ones(4, 2), torch.tensor([0, 0, 1, 0])


def zero(asked: list[bool]) -> Callable[[bool], nn.Module]:
    def build(calibrated: bool) -> nn.Module:
        asked.append(calibrated)
        network = nn.Linear(2, 2)
        network.load_state_dict({"weight": torch.zeros(2, 2), "bias": torch.tensor([1.0, 0.0])})
        return network

    return build


def test_a_calibrated_network_is_evaluated_after_some_epochs() -> None:
    asked: list[bool] = []
    hook = Evaluate(cast(Batches, Images()), "float32", "cpu", {2})
    for number in (1, 2):
        ended = Epoch(number, Tally(), zero(asked))
        hook.after_epoch(ended)
        assert ended.line["test_accuracy"] == (75.0 if number == 2 else None)
    assert asked == [True]


def test_lines_are_added_and_gone_on_from() -> None:
    journal, again = Journal({"step": "this"}), Journal({"step": "that"})
    AddLine(journal, {"ratio": 0.5}).after_epoch(epoch(loss=1.0))
    assert [*journal.lines[-1]][:4] == ["kind", "ratio", "epoch", "loss"]
    AddLine(again).load_state(*AddLine(journal).state())
    assert again.lines == journal.lines


def test_progress_shows_the_time_left_at_this_process_s_pace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Going on after the fourth epoch, of ten seconds an epoch."""
    clock = iter([100.0, 110.0, 120.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    hook = ShowProgress("a job", 10)
    for number in (5, 6):
        hook.after_epoch(epoch(number, loss=1.0, train_accuracy=50.0, test_accuracy=None))
    assert capsys.readouterr().err == (
        "a job  epoch 5/10  loss 1.000  train 50.0 %  0:50 left\n"
        "a job  epoch 6/10  loss 1.000  train 50.0 %  0:40 left\n"
    )


class Kept:
    """A keeper that saves whenever it is asked."""

    def __init__(self) -> None:
        self.states: list[tuple[State, bool]] = []

    def save_if_due(self, state: Callable[[], State], end_of_epoch: bool = False) -> None:
        self.states.append((state(), end_of_epoch))


def test_a_state_is_kept_with_facts_of_the_job() -> None:
    kept = Kept()
    weights = {"weight": torch.ones(1)}
    hook = KeepState(cast(StateKeeper, kept), {"ticket": 3})
    for end_of_epoch in (False, True):
        hook.between_steps(lambda: ({"position": 1}, weights), end_of_epoch)
    facts = {"ticket": 3, "position": 1}
    assert kept.states == [((facts, weights), False), ((facts, weights), True)]
