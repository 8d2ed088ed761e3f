"""Read tickets, and check each against its network's shapes and its snapshot."""

from pathlib import Path

from pydantic import PositiveInt

from loft.core.errors import UserError
from loft.core.files.checkpoint import read_network
from loft.tickets.network.blocks import pruned
from loft.tickets.network.survivors import removed
from loft.tickets.pretraining.snapshots import (
    NetworkFacts,
    StoredNetwork,
    architecture,
    check_shapes,
    expect_same,
    read_facts,
    shortened,
)
from loft.tickets.pruning.job import Ratio, TicketName
from loft.tickets.results import paths


class TicketFacts(NetworkFacts):
    """The contents of a ticket's JSON file.

    Attributes:
        kept: its filters' indices in the snapshot.
        parent_accuracy: of the snapshot, in percent; None where it was not measured, and of a
            ticket with new weights, which has no parent.
    """

    ratio: Ratio
    multiple: PositiveInt
    kept: dict[str, list[int]]
    parent_accuracy: float | None


def read_ticket(folder: Path, name: TicketName) -> StoredNetwork:
    """Read a ticket of a pretraining.

    Raises:
        UserError: a file is missing, damaged or belongs to another ticket.
    """
    path = paths.ticket(folder, name.snapshot, name.ratio)
    weights, about = read_network(path)
    facts = read_facts(TicketFacts, about, path.with_suffix(".json"))
    check_ticket(path, facts, name)
    return check_shapes(path, facts, weights, about)


def check_ticket(path: Path, facts: TicketFacts, name: TicketName) -> None:
    """Check that the JSON file beside a ticket's weights is that of the ticket called `name`.

    Raises:
        UserError: it is another ticket's, the numbers of filters do not fit the ratio, or indices
            are not in the snapshot.
    """
    side = path.with_suffix(".json")
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
