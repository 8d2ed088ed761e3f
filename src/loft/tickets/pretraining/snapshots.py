"""Read the snapshots and norms of a pretraining, and check them against its network's shapes."""

from pathlib import Path
from typing import Any, NamedTuple

from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn

from loft.core.errors import UserError
from loft.core.files.checkpoint import check_tensors, read_network, read_tensors
from loft.core.reporting.metrics import Line
from loft.core.settings.schema import Settings, validate
from loft.models import ModelSettings
from loft.models.build import build
from loft.tickets.network.norms import norm_lengths
from loft.tickets.results import paths


class SnapshotFacts(Settings):
    """The contents of the JSON file beside a snapshot."""

    model: ModelSettings
    dataset: str
    channels: PositiveInt
    size: PositiveInt
    classes: PositiveInt
    cell: str
    seed: NonNegativeInt
    epoch: NonNegativeInt
    test_accuracy: float | None
    filters: dict[str, int]  # inner widths of narrowed blocks, by path


class StoredNetwork(NamedTuple):
    """A network read from its files.

    Attributes:
        network: the network on "meta", without values.
        weights: its tensors by name.
        about: the contents of its JSON file.
    """

    network: nn.Sequential
    weights: dict[str, Tensor]
    about: dict[str, Any]


def read_snapshot(folder: Path, epoch: int) -> StoredNetwork:
    """Read a pretraining's network after `epoch` epochs.

    Raises:
        UserError: a file is missing, damaged or belongs to another network.
    """
    path = paths.snapshot(folder, epoch)
    weights, about = read_network(path)
    side = path.with_suffix(".json")
    facts = validate(SnapshotFacts, about, str(side))
    expect_same(side, "epoch", facts.epoch, epoch)
    expect_same(side, "filters", facts.filters, {})
    return check_shapes(path, facts, weights, about)


def read_norms(path: Path, about: Line) -> dict[str, Tensor]:
    """Read a pretraining's record of norms, all kinds: kind and layer -> (epochs + 1, filters).

    Args:
        path: file of the record.
        about: the first line of the pretraining's metrics.

    Raises:
        UserError: the file is missing, damaged or belongs to another pretraining.
    """
    recorded, _ = read_tensors(path)
    shape = {key: about[key] for key in ("channels", "size", "classes")}
    network = build(**about["model"], **shape)
    rows = about["epochs"] + 1
    expected = {name: (rows, count) for name, count in norm_lengths(network.state_dict()).items()}
    check_tensors(path, recorded, expected)
    return recorded


def check_shapes(
    path: Path, facts: SnapshotFacts, weights: dict[str, Tensor], about: dict[str, Any]
) -> StoredNetwork:
    """Return stored weights with their network. Raises UserError if their shapes differ."""
    network = architecture(facts, facts.filters)
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    check_tensors(path, weights, shapes)
    return StoredNetwork(network, weights, about)


def architecture(facts: SnapshotFacts, filters: dict[str, int]) -> nn.Sequential:
    """Return the described network, without values, with the given inner widths of blocks."""
    return build(
        **facts.model.model_dump(),
        channels=facts.channels,
        size=facts.size,
        classes=facts.classes,
        filters=filters,
    )


def expect_same(side: Path, key: str, found: object, expected: object) -> None:
    """Raise UserError, which names the JSON file and its key, unless both values are equal."""
    if found != expected:
        raise UserError(f"{side}: {key}: found {shortened(found)}; expected {shortened(expected)}")


def shortened(value: object) -> str:
    """Return a value as text of at most 60 characters."""
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
