"""Define hooks, which the training loop calls: evaluate, write lines, save the state.

The loop calls hooks in the order in which the job lists them. `Summarise` comes first: it begins
the line of metrics to which the others add. `Evaluate` comes before other hooks that read the
network, so that the network is built once. With several workers, each has `Summarise`,
`StopOnDivergence`, `CountBytes` and `KeepState`, in which workers wait for each other; only rank 0
has the others.
"""

import math
from collections.abc import Callable, Container, Mapping
from typing import Any

from torch import Tensor, nn

from loft.core.data.dataset import Batches
from loft.core.errors import JobError
from loft.core.processes.progress import Progress, describe
from loft.core.processes.workers import Workers
from loft.core.reporting.metrics import Journal
from loft.core.training.learner import Tally, evaluate
from loft.core.training.resume import Facts, State, StateKeeper


class Epoch:
    """A finished epoch, as hooks see it.

    Attributes:
        number: from 1; 0 means the untrained network.
        seen: sums over this worker's steps in the epoch.
        line: the epoch's line of metrics; hooks add to it and later hooks read it.
    """

    def __init__(self, number: int, seen: Tally, build: Callable[[bool], nn.Module]) -> None:
        self.number, self.seen = number, seen
        self.line: dict[str, Any] = {"epoch": number}
        self._build = build
        self._built: nn.Module | None = None
        self._calibrated = False

    def network(self, calibrated: bool = False) -> nn.Module:
        """Return the whole network, for reading only; on rank 0 only.

        It is built once for all hooks, and again where a hook asks for `calibrated` after another
        that did not.
        """
        if self._built is None or (calibrated and not self._calibrated):
            self._built, self._calibrated = self._build(calibrated), calibrated
        return self._built


class Hook:
    """A part of a job that runs between training steps; it defines the calls that it needs."""

    def begin(self, epoch: Epoch) -> None:
        """Called before the first step, unless the training continues from a state.

        `epoch` has number 0 and the untrained network.
        """

    def after_epoch(self, epoch: Epoch) -> None:
        """Called after an epoch's last synchronisation, on every worker that has this hook."""

    def between_steps(self, state: Callable[[], State], end_of_epoch: bool) -> None:
        """Called when all workers are between the same two steps.

        Args:
            state: returns this worker's state of the training.
            end_of_epoch: whether an epoch has just ended.
        """

    def state(self) -> State:
        """Return the hook's state."""
        return {}, {}

    def load_state(self, facts: Facts, tensors: Mapping[str, Tensor]) -> None:
        """Continue from a state."""


class Summarise(Hook):
    """Adds the mean `loss` and the `train_accuracy` (percent) over all workers to the line."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    def after_epoch(self, epoch: Epoch) -> None:
        reports = self._workers.exchange(vars(epoch.seen))
        images = sum(report["images"] for report in reports)
        correct = sum(report["correct"] for report in reports)
        epoch.line["loss"] = sum(report["loss"] for report in reports) / images
        epoch.line["train_accuracy"] = 100 * correct / images


class StopOnDivergence(Hook):
    """Ends a training whose loss is not a number; needs `Summarise`.

    Args:
        error: makes the error, from the number of the epoch and its loss.
    """

    def __init__(self, error: Callable[[int, float], JobError]) -> None:
        self._error = error

    def after_epoch(self, epoch: Epoch) -> None:
        if not math.isfinite(loss := epoch.line["loss"]):
            raise self._error(epoch.number, loss)


class CountBytes(Hook):
    """Adds `bytes_sent`, the bytes that all workers have sent so far, to the line."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    def after_epoch(self, epoch: Epoch) -> None:
        reports = self._workers.exchange({"sent": self._workers.sent})
        epoch.line["bytes_sent"] = sum(report["sent"] for report in reports)

    def state(self) -> State:
        return {"sent": self._workers.sent}, {}

    def load_state(self, facts: Facts, tensors: Mapping[str, Tensor]) -> None:
        self._workers.sent = facts["sent"]


class Evaluate(Hook):
    """Adds `test_accuracy` (percent) and `test_loss` on the test images to the line.

    Args:
        batches: yield the test images.
        precision: to compute in, as `compute.precision`.
        device: to compute on.
        epochs: after which to measure; after others both are None.
    """

    def __init__(
        self, batches: Batches, precision: str, device: str, epochs: Container[int]
    ) -> None:
        self._batches, self._precision, self._device = batches, precision, device
        self._epochs = epochs

    def after_epoch(self, epoch: Epoch) -> None:
        accuracy, loss = None, None
        if epoch.number in self._epochs:
            network = epoch.network(calibrated=True)
            tested = evaluate(network, self._batches, self._precision, self._device)
            accuracy, loss = tested.accuracy, tested.loss
        epoch.line |= {"test_accuracy": accuracy, "test_loss": loss}


class AddLine(Hook):
    """Adds an epoch's line to the job's lines of metrics.

    Args:
        journal: the job's.
        about: facts that come first in every line.
    """

    def __init__(self, journal: Journal, about: Mapping[str, Any] | None = None) -> None:
        self._journal, self._about = journal, about or {}

    def after_epoch(self, epoch: Epoch) -> None:
        self._journal.add("epoch", **self._about, **epoch.line)

    def state(self) -> State:
        return self._journal.state(), {}

    def load_state(self, facts: Facts, tensors: Mapping[str, Tensor]) -> None:
        self._journal.load_state(facts)


class ShowProgress(Hook):
    """Prints a line after every epoch to standard error, for a person who follows the job."""

    def __init__(self, job: str, epochs: int) -> None:
        self._progress = Progress(job, epochs)

    def after_epoch(self, epoch: Epoch) -> None:
        self._progress.show(epoch.number, describe(epoch.line))


class KeepState(Hook):
    """Saves the training's state when it is due.

    Args:
        keeper: of the job.
        about: facts about this training that are saved with its state.
    """

    def __init__(self, keeper: StateKeeper, about: Mapping[str, Any] | None = None) -> None:
        self._keeper, self._about = keeper, about or {}

    def between_steps(self, state: Callable[[], State], end_of_epoch: bool) -> None:
        def whole() -> State:
            facts, tensors = state()
            return {**self._about, **facts}, tensors

        self._keeper.save_if_due(whole, end_of_epoch)
