"""Record a network's norms before training and after every epoch."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from loft.core.training.hooks import Epoch, Hook
from loft.core.training.resume import Facts, State
from loft.tickets.network.norms import measure_norms

Record = dict[str, list[Tensor]]  # kind/layer -> norms (filters,) of each epoch


def stacked(record: Record) -> dict[str, Tensor]:
    """Return a record as tensors: kind/layer -> (epochs + 1, filters)."""
    return {layer: torch.stack(rows) for layer, rows in record.items()}


class RecordNorms(Hook):
    """Adds the norms of the untrained network, and those after every epoch, to a record.

    Args:
        record: record of the job; several trainings may share one.
        kinds: kinds of norms.
        prefix: text before the names of layers in the record.
    """

    def __init__(self, record: Record, kinds: Iterable[str], prefix: str = "") -> None:
        self._record, self._kinds, self._prefix = record, kinds, prefix

    def begin(self, epoch: Epoch) -> None:
        self.after_epoch(epoch)

    def after_epoch(self, epoch: Epoch) -> None:
        for layer, values in measure_norms(epoch.network().state_dict(), self._kinds).items():
            self._record.setdefault(self._prefix + layer, []).append(values)

    def state(self) -> State:
        return {}, stacked(self._record)

    def load_state(self, facts: Facts, tensors: Mapping[str, Tensor]) -> None:
        self._record.update({layer: list(rows) for layer, rows in tensors.items()})
