"""The training loop calls the same things in the same order, wherever it goes on from."""

import json
from collections.abc import Callable, Iterator, Mapping

import pytest
import torch
from torch import Tensor, nn

from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.training.hooks import Epoch, Hook
from loft.core.training.learner import Learner, Seen, cosine
from loft.core.training.loop import BETWEEN, Batch, Loop, Schedule
from loft.core.training.resume import Facts, State
from loft.models.build import build

RATE = 0.1
Calls = list[tuple[object, ...]]


class StoppedError(Exception):
    """Ends a training as a signal does."""


class Trained:
    """One weight, moved by its batches and halved by a synchronisation; it says what was asked."""

    def __init__(self, calls: Calls) -> None:
        self.seen, self.calls, self.weight = Seen("cpu"), calls, torch.zeros(())

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        self.calls.append(("step", int(labels[0]), rate))
        self.weight = self.weight - rate * images.mean()
        self.seen.count(len(labels))

    def synchronise(self, collect: bool) -> None:
        self.calls.append(("synchronise", collect))
        self.weight = self.weight / 2

    def global_model(self, calibrated: bool) -> nn.Module:
        self.calls.append(("network", calibrated))
        model = nn.Linear(1, 1)
        model.weight.data.fill_(float(self.weight))
        return model

    def state(self) -> dict[str, Tensor]:
        return {"weight": self.weight}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        self.weight = state["weight"]


class Saying(Hook):
    """Says that it was called, and knows how often an epoch has ended."""

    def __init__(self, name: str, calls: Calls) -> None:
        self.name, self.calls, self.epochs = name, calls, torch.zeros(1)

    def begin(self, epoch: Epoch) -> None:
        self.calls.append((self.name, "begin", epoch.number))

    def after_epoch(self, epoch: Epoch) -> None:
        self.epochs = self.epochs + 1
        epoch.line[self.name] = int(self.epochs)
        self.calls.append((self.name, "after_epoch", epoch.seen.images, dict(epoch.line)))

    def between_steps(self, state: Callable[[], State], end_of_epoch: bool) -> None:
        self.calls.append((self.name, "between_steps", end_of_epoch))

    def state(self) -> State:
        return {"name": self.name}, {"epochs": self.epochs}

    def load_state(self, facts: Facts, tensors: Mapping[str, Tensor]) -> None:
        assert facts == {"name": self.name}
        self.epochs = tensors["epochs"]


class StopAt(Hook):
    """Keeps the state at one of the times between steps, as a file holds it, and stops there."""

    def __init__(self, time: int) -> None:
        self.left, self.kept = time, ("", dict[str, Tensor]())

    def between_steps(self, state: Callable[[], State], end_of_epoch: bool) -> None:
        self.left -= 1
        if self.left == 0:
            facts, tensors = state()
            self.kept = json.dumps(facts), {name: each.clone() for name, each in tensors.items()}
            raise StoppedError


def loop(schedule: Schedule, calls: Calls, last: Hook) -> tuple[Loop, Trained]:
    """Two hooks and one more; batches are of two images, labelled by the number of the step."""

    def batches(epoch: int, start: int) -> Iterator[Batch]:
        for iteration in range(start, schedule.iterations):
            number = (epoch - 1) * schedule.iterations + iteration
            yield torch.full((2, 1), float(number)), torch.full((2,), number)

    trained = Trained(calls)
    hooks = [Saying("first", calls), Saying("second", calls), last]
    return Loop(schedule, batches, trained, lambda: nn.Linear(1, 1), "cpu", hooks), trained


def whole(schedule: Schedule) -> tuple[Calls, float]:
    """Train without a break; return all calls, and the weight in the end."""
    calls: Calls = []
    made, trained = loop(schedule, calls, Hook())
    made.start()
    made.run()
    return calls, float(trained.weight)


def test_calls_come_in_order() -> None:
    """By hand: two epochs of three steps, of which two are a round."""
    calls, _ = whole(Schedule(epochs=2, iterations=3, learning_rate=RATE, local_iterations=2))
    rates = [cosine(step, 6, RATE) for step in range(6)]

    def epoch(number: int, step: int) -> Calls:
        line = {"epoch": number, "first": number}
        return [
            ("step", step, rates[step]),
            ("step", step + 1, rates[step + 1]),
            ("synchronise", False),
            ("first", "between_steps", False),
            ("second", "between_steps", False),
            ("step", step + 2, rates[step + 2]),
            ("synchronise", True),
            ("first", "after_epoch", 6, line),
            ("second", "after_epoch", 6, {**line, "second": number}),
            ("first", "between_steps", True),
            ("second", "between_steps", True),
        ]

    begun: Calls = [("first", "begin", 0), ("second", "begin", 0)]
    assert calls == [*begun, *epoch(1, 0), *epoch(2, 3)]


@pytest.mark.parametrize("iterations", [1, 4, 7, 60])
@pytest.mark.parametrize("local", [None, 1, 3, 4, 100])
def test_rounds_end_every_few_steps_and_with_an_epoch(iterations: int, local: int | None) -> None:
    """And the whole network is collected at the end of an epoch alone."""
    calls, _ = whole(Schedule(2, iterations, RATE, local))
    expected = []
    for step in range(2 * iterations):
        done = step % iterations + 1
        expected.append(("step", step))
        if done == iterations or (local is not None and done % local == 0):
            expected.append(("synchronise", done == iterations))
    assert [call[:2] for call in calls if call[0] in ("step", "synchronise")] == expected


@pytest.mark.parametrize("periods", [1, 2, 4])
def test_the_rate_falls_in_every_period(periods: int) -> None:
    """Of four epochs of three steps."""
    schedule = Schedule(4, 3, RATE, periods=periods)
    found = [schedule.rate(epoch, step) for epoch in range(1, 5) for step in range(3)]
    length = 12 // periods
    assert found == periods * [cosine(step, length, RATE) for step in range(length)]


@pytest.mark.parametrize("synchronous", [0, 1, 2, 5])
def test_every_step_ends_a_round_in_synchronous_epochs(synchronous: int) -> None:
    """Of three epochs of four steps with rounds of two."""
    calls, _ = whole(Schedule(3, 4, RATE, 2, synchronous))
    times = sum(call[0] == "synchronise" for call in calls)
    first = min(synchronous, 3)
    assert times == 4 * first + 2 * (3 - first)


@pytest.mark.parametrize(
    ("iterations", "local", "expected"),
    [
        (3 * BETWEEN, None, [BETWEEN, 2 * BETWEEN]),
        (BETWEEN, None, []),
        (7, 3, [3, 6]),
        (6, 3, [3]),
        (60, 30, [25, 50]),
    ],
)
def test_hooks_are_called_between_steps_often_enough(
    iterations: int, local: int | None, expected: list[int]
) -> None:
    """Within an epoch after so many steps, and not at its end, where they are called anyway."""
    calls, _ = whole(Schedule(1, iterations, RATE, local))
    steps, found = 0, []
    for call in calls:
        steps += call[0] == "step"
        if call == ("first", "between_steps", False):
            found.append(steps)
    assert found == expected
    assert calls.count(("first", "between_steps", True)) == 1


@pytest.mark.parametrize(
    "schedule",
    [Schedule(2, 4, RATE, 1), Schedule(2, 5, RATE, 2), Schedule(3, 2, RATE), Schedule(1, 60, RATE)],
)
def test_what_was_stopped_anywhere_makes_the_same_calls(schedule: Schedule) -> None:
    """All calls of both processes together, the lines in them, and the weight in the end."""
    expected, weight = whole(schedule)
    times = expected.count(("first", "between_steps", False)) + schedule.epochs
    for time in range(1, times + 1):
        calls: Calls = []
        stop = StopAt(time)
        made, _ = loop(schedule, calls, stop)
        made.start()
        with pytest.raises(StoppedError):
            made.run()
        again, trained = loop(schedule, calls, Hook())
        text, tensors = stop.kept
        again.start((json.loads(text), tensors))
        again.run()
        assert calls == expected
        assert float(trained.weight) == weight
        assert again.seconds.training > 0


class Asking(Hook):
    """Asks for the network, `calibrated` or not."""

    def __init__(self, calibrated: bool, got: list[nn.Module]) -> None:
        self.calibrated, self.got = calibrated, got

    def begin(self, epoch: Epoch) -> None:
        self.after_epoch(epoch)

    def after_epoch(self, epoch: Epoch) -> None:
        self.got.append(epoch.network(self.calibrated))


@pytest.mark.parametrize(
    ("asked", "built"),
    [([True, False, False], [True]), ([False, False], [False]), ([False, True], [False, True])],
)
def test_the_network_is_built_once_for_all_hooks(asked: list[bool], built: list[bool]) -> None:
    calls: Calls = []
    got: list[nn.Module] = []
    hooks = [Asking(calibrated, got) for calibrated in asked]
    untrained = nn.Linear(1, 1)
    batches = [(torch.ones(1, 1), torch.zeros(1))]
    made = Loop(
        Schedule(1, 1, RATE), lambda *_: iter(batches), Trained(calls), lambda: untrained, "cpu",
        hooks,
    )  # fmt: skip
    made.start()
    assert all(network is untrained for network in got)
    made.run()
    assert [call for call in calls if call[0] == "network"] == [("network", each) for each in built]
    assert got[-1].get_parameter("weight").item() == pytest.approx(-RATE / 2)


class OneLearner(Trained):
    """A learner by itself."""

    def __init__(self, learner: Learner) -> None:
        super().__init__([])
        self.learner, self.seen = learner, learner.seen

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        self.learner.step(images, labels, rate)


def test_a_training_is_its_steps() -> None:
    """Bit for bit: the loop adds nothing to what a learner does with the same batches and rates."""
    compute = ComputeSettings(threads=1, precision="float32", channels_last=True, compiled=False)
    sgd = SgdSettings(
        learning_rate=RATE, momentum=0.9, nesterov=True, weight_decay=1e-3, batch_size=8
    )
    random = torch.Generator().manual_seed(0)
    given = [
        (torch.randn(8, 1, 8, 8, generator=random), torch.randint(0, 10, (8,), generator=random))
        for _ in range(3)
    ]

    def learner() -> Learner:
        network = build("preresnet18", 4, channels=1, size=8, classes=10, seed=0)
        return Learner(network, sgd, compute, "cpu")

    plain, looped = learner(), learner()
    for step in range(6):
        plain.step(*given[step % 3], cosine(step, 6, RATE))
    made = Loop(
        Schedule(2, 3, RATE), lambda *_: iter(given), OneLearner(looped), lambda: looped.model,
        "cpu", [],
    )  # fmt: skip
    made.start()
    made.run()
    states = [each.state() for each in (plain, looped)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
