"""Networks and records that an earlier step wrote, read back and held against their architecture.

Files may have been pulled from elsewhere; what is used of them is checked first.
"""

from pathlib import Path
from typing import Any, NamedTuple

from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn

from loft.core.checkpoint import check_tensors, read_network, read_tensors
from loft.core.config import Settings, validate
from loft.core.errors import UserError
from loft.core.metrics import Line
from loft.models import ModelSettings
from loft.models.build import build
from loft.tickets import layout
from loft.tickets.blocks import pruned
from loft.tickets.jobs import Ratio, TicketName
from loft.tickets.norms import channels
from loft.tickets.pruning import removed


class SnapshotFacts(Settings):
    """What the JSON file beside a snapshot says."""

    model: ModelSettings
    dataset: str
    channels: PositiveInt
    size: PositiveInt
    classes: PositiveInt
    cell: str
    seed: NonNegativeInt
    epoch: NonNegativeInt
    test_accuracy: float | None
    filters: dict[str, int]  # of narrowed blocks, by path


class TicketFacts(SnapshotFacts):
    """What the JSON file beside a ticket says; `kept` is where its filters are in the snapshot."""

    ratio: Ratio
    multiple: PositiveInt
    kept: dict[str, list[int]]


class Stored(NamedTuple):
    """A network as it was stored.

    Attributes:
        network: its architecture, on "meta".
        weights: what belongs in it.
        about: what its JSON file says.
    """

    network: nn.Sequential
    weights: dict[str, Tensor]
    about: dict[str, Any]


def read_snapshot(folder: Path, epoch: int) -> Stored:
    """Read a pretraining's network after `epoch` epochs.

    Raises:
        UserError: a file is missing, damaged or another network's.
    """
    path = layout.snapshot(folder, epoch)
    weights, about = read_network(path)
    side = path.with_suffix(".json")
    facts = validate(SnapshotFacts, about, str(side))
    _same(side, "epoch", facts.epoch, epoch)
    _same(side, "filters", facts.filters, {})
    return _fitted(path, facts, weights, about)


def read_ticket(folder: Path, name: TicketName) -> Stored:
    """Read a ticket of a pretraining.

    Raises:
        UserError: a file is missing, damaged or another ticket's; the filters that it names are
            not those that pruning leaves at its ratio, or indices are none of the snapshot's.
    """
    path = layout.ticket(folder, name.snapshot, name.ratio)
    weights, about = read_network(path)
    side = path.with_suffix(".json")
    facts = validate(TicketFacts, about, str(side))
    _same(side, "epoch", facts.epoch, name.snapshot)
    _same(side, "ratio", facts.ratio, name.ratio)
    _same(side, "multiple", facts.multiple, name.multiple)
    full = pruned(_architecture(facts, {}))
    left = {path: count - removed(count, name.ratio, name.multiple) for path, count in full.items()}
    _same(side, "filters", facts.filters, left)
    _same(side, "kept", sorted(facts.kept), sorted(full))
    for block, indices in facts.kept.items():
        _same(side, f"kept.{block}", f"{len(indices)} indices", f"{left[block]} indices")
        if indices != sorted({*indices}) or indices[0] < 0 or indices[-1] >= full[block]:
            raise UserError(
                f"{side}: kept.{block}: found {_short(indices)}; expected ascending indices, each "
                f"once, from 0 to {full[block] - 1}"
            )
    return _fitted(path, facts, weights, about)


def read_norms(path: Path, about: Line) -> dict[str, Tensor]:
    """Read what a pretraining recorded, all kinds of `norms`: (epochs + 1, filters) each.

    Args:
        path: of the record.
        about: the first line of the pretraining's metrics.

    Raises:
        UserError: the file is missing, damaged or another pretraining's.
    """
    recorded, _ = read_tensors(path)
    shape = {key: about[key] for key in ("channels", "size", "classes")}
    network = build(**about["model"], **shape)
    rows = about["settings"]["epochs"] + 1
    expected = {name: (rows, count) for name, count in channels(network.state_dict()).items()}
    check_tensors(path, recorded, expected)
    return recorded


def _fitted(
    path: Path, facts: SnapshotFacts, weights: dict[str, Tensor], about: dict[str, Any]
) -> Stored:
    network = _architecture(facts, facts.filters)
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    check_tensors(path, weights, shapes)
    return Stored(network, weights, about)


def _architecture(facts: SnapshotFacts, filters: dict[str, int]) -> nn.Sequential:
    return build(
        **facts.model.model_dump(),
        channels=facts.channels,
        size=facts.size,
        classes=facts.classes,
        filters=filters,
    )


def _same(side: Path, key: str, found: object, expected: object) -> None:
    if found != expected:
        raise UserError(f"{side}: {key}: found {_short(found)}; expected {_short(expected)}")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
