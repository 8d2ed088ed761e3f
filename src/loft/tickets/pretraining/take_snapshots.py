"""Snapshots: the whole network's weights after chosen epochs, from which tickets are pruned."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loft.core.errors import JobError
from loft.core.files.checkpoint import write_network
from loft.core.training.hooks import Epoch, Hook
from loft.tickets.results import paths


class TakeSnapshots(Hook):
    """Writes the whole network after the epochs that the job names; needs `Evaluate` before it.

    Args:
        folder: of the pretraining.
        epochs: after which to write; 0 is the untrained network.
        about: facts that are written beside the weights.
    """

    def __init__(self, folder: Path, epochs: Sequence[int], about: dict[str, Any]) -> None:
        self._folder, self._epochs, self._about = folder, epochs, about

    def begin(self, epoch: Epoch) -> None:
        self.after_epoch(epoch)

    def after_epoch(self, epoch: Epoch) -> None:
        """Write the network. Raises JobError where its weights are no numbers."""
        if epoch.number not in self._epochs:
            return
        weights = epoch.network().state_dict()
        if not all(tensor.isfinite().all() for tensor in weights.values()):
            raise diverged(self._folder, self._epochs, epoch.number, "weights are no numbers")
        tested = epoch.line.get("test_accuracy")
        about = {**self._about, "epoch": epoch.number, "test_accuracy": tested, "filters": {}}
        write_network(paths.snapshot(self._folder, epoch.number), weights, about)


def diverged(folder: Path, snapshots: Sequence[int], epoch: int, what: str) -> JobError:
    """Return the error that ends a hopeless pretraining; it names the last good snapshot.

    Args:
        folder: of the pretraining.
        snapshots: epochs after which one is written.
        epoch: in which training failed.
        what: how.
    """
    text = f"pretrain: {what} in epoch {epoch}; lower the learning rate"
    good = [number for number in snapshots if number < epoch]
    if good:
        text += f"; the last good snapshot is {paths.snapshot(folder, max(good))}"
    return JobError(text)
