"""A fine-tuning has the tickets that were asked for, and no others."""

from typing import Any

from loft.tickets.results.schema.finetuning import Finetuned, TicketName


def ticket(snapshot: int, ratio: float) -> TicketName:
    return TicketName.model_construct(snapshot=snapshot, ratio=ratio, multiple=1)


KNOWN: dict[str, Any] = {"tickets": [ticket(0, 0.8), ticket(2, 0.8)]}
FIRST = Finetuned.model_construct(**KNOWN)


def test_all_tickets() -> None:
    assert [*FIRST.faults({"ticket": [ticket(2, 0.8), ticket(0, 0.8)]})] == []


def test_a_missing_ticket_and_one_that_was_not_asked_for() -> None:
    missing, other = FIRST.faults({"ticket": [ticket(2, 0.8), ticket(2, 0.5)]})
    assert "ticket" in missing
    assert other == "found a ticket of epoch 2 and ratio 0.5, which was not asked for"
