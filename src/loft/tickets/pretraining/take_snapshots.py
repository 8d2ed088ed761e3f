"""Write snapshots: the whole network's weights after chosen epochs, to prune tickets from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loft.core.errors import JobError
from loft.core.files.checkpoint import write_network
from loft.core.training.hooks import Epoch, Hook
from loft.tickets.results import paths


class TakeSnapshots(Hook):
    """Writes the whole network after the given epochs. Must come after `Evaluate`.

    Args:
        folder: folder of the pretraining.
        epochs: epochs after which to write; 0 is the untrained network.
        about: facts that are written beside the weights.
    """

    def __init__(self, folder: Path, epochs: Sequence[int], about: dict[str, Any]) -> None:
        self._folder, self._epochs, self._about = folder, epochs, about

    def begin(self, epoch: Epoch) -> None:
        self.after_epoch(epoch)

    def after_epoch(self, epoch: Epoch) -> None:
        """Write the network if due. Raises JobError if a weight is not a finite number."""
        if epoch.number not in self._epochs:
            return
        weights = epoch.network().state_dict()
        if not all(tensor.isfinite().all() for tensor in weights.values()):
            raise diverged(self._folder, self._epochs, epoch.number, "weights are no numbers")
        tested = epoch.line.get("test_accuracy")
        about = {**self._about, "epoch": epoch.number, "test_accuracy": tested, "filters": {}}
        write_network(paths.snapshot(self._folder, epoch.number), weights, about)


def diverged(folder: Path, snapshots: Sequence[int], epoch: int, what: str) -> JobError:
    """Return the error of a pretraining that diverged; it names the last good snapshot.

    Args:
        folder: folder of the pretraining.
        snapshots: epochs after which snapshots are written.
        epoch: epoch in which training diverged.
        what: what was found, in words.
    """
    text = f"pretrain: {what} in epoch {epoch}; lower the learning rate"
    good = [number for number in snapshots if number < epoch]
    if good:
        text += f"; the last good snapshot is {paths.snapshot(folder, max(good))}"
    return JobError(text)
