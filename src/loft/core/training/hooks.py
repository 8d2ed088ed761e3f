"""What a job does while it trains, beside the steps: hooks, which the training loop calls.

The loop calls them in the order in which the job lists them. Of those here, which any job may use,
`Summarise` comes first: it begins the line of metrics to which the others add. `Evaluate` comes
before others that read the network, so that the network is built once. Where several workers train,
each has `Summarise`, `StopOnDivergence`, `CountBytes` and `KeepState`, in which workers wait for
each other; rank 0 alone has the others.
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
from loft.core.training.learner import Tally, accuracy
from loft.core.training.resume import Facts, State, StateKeeper


class Epoch:
    """An epoch that has ended, as its hooks see it.

    Attributes:
        number: from 1; 0 stands for the untrained network.
        seen: what this worker's steps saw in it.
        line: what is known of it; hooks add to it, and those after them read it.
    """

    def __init__(self, number: int, seen: Tally, build: Callable[[bool], nn.Module]) -> None:
        self.number, self.seen = number, seen
        self.line: dict[str, Any] = {"epoch": number}
        self._build = build
        self._built: nn.Module | None = None
        self._calibrated = False

    def network(self, calibrated: bool = False) -> nn.Module:
        """Return the whole network, only to be read; rank 0 only.

        It is built once, for all hooks, but again where one asks for `calibrated` after another
        that did not.
        """
        if self._built is None or (calibrated and not self._calibrated):
            self._built, self._calibrated = self._build(calibrated), calibrated
        return self._built


class Hook:
    """Something that a job does while it trains; a hook defines those of these calls it needs."""

    def begin(self, epoch: Epoch) -> None:
        """Be called before the first step; not where a training goes on from a state.

        `epoch` has number 0 and the untrained network.
        """

    def after_epoch(self, epoch: Epoch) -> None:
        """Be called after an epoch's last synchronisation, on every worker that has this hook."""

    def between_steps(self, state: Callable[[], State], end_of_epoch: bool) -> None:
        """Be called where all workers are between the same two steps.

        Args:
            state: returns the whole training's state of this worker.
            end_of_epoch: whether an epoch has just ended.
        """

    def state(self) -> State:
        """Return what the hook knows of the epochs before."""
        return {}, {}

    def load_state(self, facts: Facts, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what `state` returned."""


class Summarise(Hook):
    """Adds up what all workers saw in an epoch: `loss`, a mean, and `train_accuracy`, percent."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    def after_epoch(self, epoch: Epoch) -> None:
        reports = self._workers.exchange(vars(epoch.seen))
        images = sum(report["images"] for report in reports)
        correct = sum(report["correct"] for report in reports)
        epoch.line["loss"] = sum(report["loss"] for report in reports) / images
        epoch.line["train_accuracy"] = 100 * correct / images


class StopOnDivergence(Hook):
    """Ends a training whose loss is no number any more; needs `Summarise`.

    Args:
        error: makes the error, from the number of the epoch and its loss.
    """

    def __init__(self, error: Callable[[int, float], JobError]) -> None:
        self._error = error

    def after_epoch(self, epoch: Epoch) -> None:
        if not math.isfinite(loss := epoch.line["loss"]):
            raise self._error(epoch.number, loss)


class CountBytes(Hook):
    """Adds up the bytes that all workers have sent since the training began: `bytes_sent`."""

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
    """Measures the network on the test images: `test_accuracy`, percent.

    Args:
        batches: yield the test images.
        precision: to compute in, as `compute.precision`.
        device: to compute on.
        epochs: after which to measure; after others `test_accuracy` is None.
    """

    def __init__(
        self, batches: Batches, precision: str, device: str, epochs: Container[int]
    ) -> None:
        self._batches, self._precision, self._device = batches, precision, device
        self._epochs = epochs

    def after_epoch(self, epoch: Epoch) -> None:
        tested = None
        if epoch.number in self._epochs:
            network = epoch.network(calibrated=True)
            tested = accuracy(network, self._batches, self._precision, self._device)
        epoch.line["test_accuracy"] = tested


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
    """Keeps the training's state where it is time, to go on from.

    Args:
        keeper: the job's.
        about: facts about this training that the job keeps beside its state.
    """

    def __init__(self, keeper: StateKeeper, about: Mapping[str, Any] | None = None) -> None:
        self._keeper, self._about = keeper, about or {}

    def between_steps(self, state: Callable[[], State], end_of_epoch: bool) -> None:
        def whole() -> State:
            facts, tensors = state()
            return {**self._about, **facts}, tensors

        self._keeper.save_if_due(whole, end_of_epoch)
