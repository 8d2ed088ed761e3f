"""Run the training loop: epochs of steps, a synchronisation after every round, and hooks.

A loop trains anything that steps and synchronises: one worker's side of a pretraining method, or a
ticket in one process. Whatever else a job does while it trains is a hook (see `hooks`). The job
that builds a loop lists its hooks, and the loop calls them in that order.

    unless it goes on from a state: hooks `begin`
    for every epoch:
        for every batch:
            step
            after every round, and after the last step: synchronise
            every few steps, but not after the last: hooks `between_steps`
        hooks `after_epoch`
        hooks `between_steps`
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from loft.core.training.hooks import Epoch, Hook
from loft.core.training.learner import Seen, Tally, cosine, wait
from loft.core.training.resume import Facts, State

BETWEEN = 25  # steps; at most so many pass before hooks are called `between_steps`
TRAINED = "trained/"  # prefix of the tensors of what is trained, in a loop's state

Batch = tuple[Tensor, Tensor]  # images (b, c, h, w) and labels (b,)


class Trainable(Protocol):
    """The object that a loop trains; each worker has one, and all are called at the same steps."""

    @property
    def seen(self) -> Seen:
        """Loss, correct predictions and images of this worker's steps in the epoch."""

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        """Take a step at learning rate `rate`. On a GPU it may go on after the return."""

    def synchronise(self, collect: bool) -> None:
        """Bring the workers together; if `collect`, rank 0 then holds the whole network."""

    def global_model(self, calibrated: bool) -> nn.Module:
        """Return the whole network, with BatchNorm ready for evaluation if `calibrated`.

        Rank 0 only, after a synchronisation that collected it.
        """

    def state(self) -> dict[str, Tensor]:
        """Return the state that the next steps depend on."""

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from a state."""


@dataclass(frozen=True)
class Schedule:
    """How long a training is.

    Attributes:
        epochs: number of epochs.
        iterations: steps in an epoch.
        learning_rate: of the first step; it falls to 0 along half a cosine.
        local_iterations: steps in a round, after which workers synchronise; None: all of an epoch.
        synchronous_epochs: number of first epochs in which every step ends a round.
        periods: equal parts of the training, in each of which the rate falls along its own cosine;
            a divisor of `epochs`.
    """

    epochs: int
    iterations: int
    learning_rate: float
    local_iterations: int | None = None
    synchronous_epochs: int = 0
    periods: int = 1

    def round_length(self, epoch: int) -> int:
        """Return the steps in a round of an epoch; epochs count from 1."""
        if epoch <= self.synchronous_epochs:
            return 1
        return self.local_iterations or self.iterations

    def rate(self, epoch: int, iteration: int) -> float:
        """Return the learning rate of a step: epochs count from 1, an epoch's steps from 0."""
        steps = self.epochs * self.iterations // self.periods
        step = (epoch - 1) * self.iterations + iteration
        return cosine(step % steps, steps, self.learning_rate)


@dataclass
class Position:
    """The position in a training: the epoch, from 1, and the number of its steps taken."""

    epoch: int = 1
    iteration: int = 0


@dataclass
class Seconds:
    """Seconds that this worker has trained and synchronised, in earlier processes too."""

    training: float = 0.0
    synchronising: float = 0.0


class Loop:
    """One worker's training.

    Attributes:
        seconds: time that it has taken.
    """

    def __init__(
        self,
        schedule: Schedule,
        batches: Callable[[int, int], Iterator[Batch]],
        trained: Trainable,
        untrained: Callable[[], nn.Module],
        device: str,
        hooks: Sequence[Hook],
    ) -> None:
        """Make a loop.

        Args:
            schedule: how long to train.
            batches: yields the batches of an epoch, from a given step on.
            trained: the object to train.
            untrained: returns the network before training.
            device: where steps are computed.
            hooks: in the order of their calls.
        """
        self._schedule, self._batches, self._trained = schedule, batches, trained
        self._untrained, self._device, self._hooks = untrained, device, hooks
        self._position, self.seconds = Position(), Seconds()

    def start(self, kept: State | None = None) -> None:
        """Go to the beginning, where hooks `begin`, or to the position of a saved state."""
        if kept is not None:
            self._load_state(*kept)
            return
        epoch = Epoch(0, Tally(), lambda calibrated: self._untrained())
        for hook in self._hooks:
            hook.begin(epoch)

    def run(self) -> None:
        """Train from the present position to the end."""
        while self._position.epoch <= self._schedule.epochs:
            self._train_epoch()
            self._after_epoch()
            self._position = Position(self._position.epoch + 1)
            self._trained.seen.load(Tally())
            self._between_steps(end_of_epoch=True)

    def _train_epoch(self) -> None:
        """Take the remaining steps of an epoch."""
        schedule, at = self._schedule, self._position
        length = schedule.round_length(at.epoch)
        for images, labels in self._batches(at.epoch, at.iteration):
            rate = schedule.rate(at.epoch, at.iteration)
            started = time.perf_counter()
            self._trained.step(images, labels, rate)
            at.iteration += 1
            last = at.iteration == schedule.iterations
            together = last or at.iteration % length == 0
            if together:
                wait(self._device)  # so that each part's time is its own
            self.seconds.training += time.perf_counter() - started
            if together:
                started = time.perf_counter()
                self._trained.synchronise(collect=last)
                self.seconds.synchronising += time.perf_counter() - started
            if not last and at.iteration % min(length, BETWEEN) == 0:
                self._between_steps(end_of_epoch=False)

    def _after_epoch(self) -> None:
        """Call the hooks; the network that they share is freed at the end."""
        seen = self._trained.seen.read()
        epoch = Epoch(self._position.epoch, seen, self._trained.global_model)
        for hook in self._hooks:
            hook.after_epoch(epoch)

    def _between_steps(self, end_of_epoch: bool) -> None:
        for hook in self._hooks:
            hook.between_steps(self._state, end_of_epoch)

    def _state(self) -> State:
        """Return this worker's state: position, trained object and hooks."""
        facts: Facts = {
            "position": vars(self._position),
            "seconds": vars(self.seconds),
            "seen": vars(self._trained.seen.read()),
            "hooks": [],
        }
        tensors = {TRAINED + name: tensor for name, tensor in self._trained.state().items()}
        for number, hook in enumerate(self._hooks):
            own, known = hook.state()
            facts["hooks"].append(own)
            tensors |= {f"{number}/{name}": tensor for name, tensor in known.items()}
        return facts, tensors

    def _load_state(self, facts: Facts, tensors: Mapping[str, Tensor]) -> None:
        self._position = Position(**facts["position"])
        self.seconds = Seconds(**facts["seconds"])
        self._trained.load_state(_under(TRAINED, tensors))
        self._trained.seen.load(Tally(**facts["seen"]))
        for number, (hook, own) in enumerate(zip(self._hooks, facts["hooks"], strict=True)):
            hook.load_state(own, _under(f"{number}/", tensors))


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a prefix, without it."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
