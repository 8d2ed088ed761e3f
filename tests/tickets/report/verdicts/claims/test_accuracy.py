"""Claims on the accuracy of tickets, judged from made-up measurements whose answer is known."""

from loft.core.reporting.verdicts.judging import NOT_REPRODUCED, REPRODUCED, UNDECIDED
from loft.tickets.report.verdicts.claims import accuracy
from loft.tickets.report.verdicts.measurements import Measurements
from loft.tickets.results.cells import UNPRUNED
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
    assert set(found.values()) == {UNDECIDED}


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


def test_two_and_four_workers_are_held_to_pretraining_the_full_model() -> None:
    tickets = {("loft-4", 4, 0.8): near(88)}
    found = judged(accuracy.as_good_as_full_pretraining(measured(tickets=tickets), RULE))
    assert found == {("loft-2", "dense"): REPRODUCED, ("loft-4", "dense"): NOT_REPRODUCED}


def test_two_and_four_workers_are_held_to_the_unpruned_model() -> None:
    tickets = {("loft-2", 4, 0.8): near(93)}
    found = judged(accuracy.as_good_as_full_model(measured(tickets=tickets), RULE))
    assert found == {("loft-2", UNPRUNED): NOT_REPRODUCED, ("loft-4", UNPRUNED): REPRODUCED}
    assert judged(accuracy.as_good_as_full_model(measured(dense=[]), RULE)) == {}


def test_the_margin_is_a_share_of_the_errors_where_there_are_few() -> None:
    """0.5 points apart: within 0.8 points, but not within 0.15 of an error rate of 2 %."""
    tickets = {("loft-4", 4, 0.8): near(89.5, 0.01)}
    for dense, verdict in ((near(90), REPRODUCED), (near(98), NOT_REPRODUCED)):
        found = judged(accuracy.four_as_good_as_two(measured(tickets=tickets, dense=dense), RULE))
        assert found["loft-4", "loft-2"] == verdict
