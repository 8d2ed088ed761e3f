"""Read the snapshots and norms of a pretraining, and check them against its network's shapes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn

from loft.core.errors import UserError
from loft.core.files.checkpoint import OLDER, check_tensors, read_network, read_tensors
from loft.core.reporting.metrics import Line
from loft.core.settings.schema import Settings, validate
from loft.core.settings.values import Distinct
from loft.models import ModelSettings
from loft.models.build import build
from loft.tickets.network.norms import norm_lengths
from loft.tickets.results import paths


class NetworkFacts(Settings):
    """What the JSON file beside any network of a pretraining says of it.

    Attributes:
        class_names: of the data set, in order of their numbers.
        mean, std: of the images' pixels between 0 and 1, by channel; the network sees images that
            are normalised by them.
        precision: that it was trained in.
        commit, torch, processor, gpu: what it was made with; None: unknown, or no GPU.
        sha256: checksum of the weights (`core.files.checkpoint.checksum`).
    """

    run: str
    model: ModelSettings
    dataset: str
    channels: PositiveInt
    size: PositiveInt
    classes: PositiveInt
    cell: str
    seed: NonNegativeInt
    epoch: NonNegativeInt
    filters: dict[str, int]  # inner widths of narrowed blocks, by path
    class_names: Distinct[str]
    mean: list[float]
    std: list[float]
    precision: str
    commit: str | None
    torch: str
    processor: str
    gpu: str | None
    sha256: str


class SnapshotFacts(NetworkFacts):
    """The contents of the JSON file beside a snapshot."""

    test_accuracy: float | None


F = TypeVar("F", bound=NetworkFacts)


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
    facts = read_facts(SnapshotFacts, about, side)
    expect_same(side, "epoch", facts.epoch, epoch)
    expect_same(side, "filters", facts.filters, {})
    return check_shapes(path, facts, weights, about)


def read_facts(schema: type[F], about: Mapping[str, Any], side: Path) -> F:
    """Check the contents of the JSON file beside a network.

    Raises:
        UserError: a value is wrong, or missing, as in files of older versions.
    """
    lacking = [name for name in schema.model_fields if name not in about]
    if lacking:
        raise UserError(f"{side}: {lacking[0]}: {OLDER}")
    return validate(schema, about, str(side))


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
    path: Path, facts: NetworkFacts, weights: dict[str, Tensor], about: dict[str, Any]
) -> StoredNetwork:
    """Return stored weights with their network. Raises UserError if their shapes differ."""
    network = architecture(facts, facts.filters)
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    check_tensors(path, weights, shapes)
    return StoredNetwork(network, weights, about)


def architecture(facts: NetworkFacts, filters: dict[str, int]) -> nn.Sequential:
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
