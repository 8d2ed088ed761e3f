"""Claims on the accuracy of tickets, judged from made-up measurements whose answer is known."""

from loft.tickets.report.verdicts.claims import accuracy
from loft.tickets.report.verdicts.judging import NOT_REPRODUCED, REPRODUCED, UNDERPOWERED
from loft.tickets.report.verdicts.measurements import Measurements
from tests.tickets.report.verdicts.claims.made_up import CELLS, RULE, judged, measured, near


def test_comparable_or_better() -> None:
    tickets = {("loft-4", 4, 0.8): near(85), ("local_sgd-2", 4, 0.8): near(85)}
    found = judged(accuracy.comparable_tickets(measured(tickets=tickets), RULE))
    assert found == {
        ("loft-2", "gpipe-2"): REPRODUCED,
        ("loft-2", "local_sgd-2"): REPRODUCED,
        ("loft-4", "gpipe-4"): NOT_REPRODUCED,
        ("loft-4", "local_sgd-4"): NOT_REPRODUCED,
    }


def test_better_at_every_length_means_at_each() -> None:
    tickets = {
        ("loft-2", 2, 0.8): near(91),
        ("loft-2", 4, 0.8): near(91),
        ("loft-4", 2, 0.8): near(91),
        ("loft-4", 4, 0.8): near(89),
    }
    found = judged(accuracy.better_at_every_length(measured(tickets=tickets), RULE))
    assert found == {("loft-2", "gpipe-2"): REPRODUCED, ("loft-4", "gpipe-2"): NOT_REPRODUCED}
    found = judged(accuracy.better_at_every_length(measured(), RULE))
    assert set(found.values()) == {UNDERPOWERED}


def test_better_at_every_length_needs_several_lengths() -> None:
    tickets = {(cell, 4, 0.8): near(90) for cell in CELLS}
    alone = Measurements(**{**vars(measured()), "tickets": tickets})
    assert judged(accuracy.better_at_every_length(alone, RULE)) == {}


def test_four_workers_as_good_as_two() -> None:
    tickets = {("local_sgd-4", 4, 0.8): near(93)}  # better is not the same either
    found = judged(accuracy.four_as_good_as_two(measured(tickets=tickets), RULE))
    assert found == {
        ("loft-4", "loft-2"): REPRODUCED,
        ("local_sgd-4", "local_sgd-2"): NOT_REPRODUCED,
    }
