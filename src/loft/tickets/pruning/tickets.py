"""Read tickets, and check each against its network's shapes and its snapshot."""

from pathlib import Path

from pydantic import PositiveInt

from loft.core.errors import UserError
from loft.core.files.checkpoint import read_network
from loft.core.settings.schema import validate
from loft.tickets.network.blocks import pruned
from loft.tickets.pretraining.snapshots import (
    SnapshotFacts,
    StoredNetwork,
    architecture,
    check_shapes,
    expect_same,
    shortened,
)
from loft.tickets.pruning.job import Ratio, TicketName
from loft.tickets.pruning.survivors import removed
from loft.tickets.results import paths


class TicketFacts(SnapshotFacts):
    """The contents of a ticket's JSON file; `kept`: its filters' indices in the snapshot."""

    ratio: Ratio
    multiple: PositiveInt
    kept: dict[str, list[int]]


def read_ticket(folder: Path, name: TicketName) -> StoredNetwork:
    """Read a ticket of a pretraining.

    Raises:
        UserError: a file is missing, damaged or belongs to another ticket; the numbers of filters
            do not fit the ratio, or indices are not in the snapshot.
    """
    path = paths.ticket(folder, name.snapshot, name.ratio)
    weights, about = read_network(path)
    side = path.with_suffix(".json")
    facts = validate(TicketFacts, about, str(side))
    expect_same(side, "epoch", facts.epoch, name.snapshot)
    expect_same(side, "ratio", facts.ratio, name.ratio)
    expect_same(side, "multiple", facts.multiple, name.multiple)
    full = pruned(architecture(facts, {}))
    left = {path: count - removed(count, name.ratio, name.multiple) for path, count in full.items()}
    expect_same(side, "filters", facts.filters, left)
    expect_same(side, "kept", sorted(facts.kept), sorted(full))
    for block, indices in facts.kept.items():
        expect_same(side, f"kept.{block}", f"{len(indices)} indices", f"{left[block]} indices")
        if indices != sorted({*indices}) or indices[0] < 0 or indices[-1] >= full[block]:
            raise UserError(
                f"{side}: kept.{block}: found {shortened(indices)}; expected ascending indices, "
                f"each once, from 0 to {full[block] - 1}"
            )
    return check_shapes(path, facts, weights, about)
