"""The statements beside Table 1, each judged from made-up evidence whose answer is known."""

from collections.abc import Iterator
from typing import Any

import pytest
from loft.tickets.report.claim_rules import Finding
from loft.tickets.report.claims import CLAIMS, NOT_JUDGED, claims
from loft.tickets.report.measurements import Evidence

from loft.tickets.report import claim_rules
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.tables import table1
from loft.tickets.report.verdicts import NOT_REPRODUCED, REPRODUCED, UNDERPOWERED
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.params import Run
from tests.conftest import Pretrain

RULE = VerdictSettings(margin=0.8, confidence=0.95)
CELLS = ["dense", "gpipe-2", "gpipe-4", "local_sgd-2", "local_sgd-4", "loft-2", "loft-4"]


def near(value: float, spread: float = 0.1) -> list[float]:
    return [value - spread, value, value + spread]


def cost(name: str, counted: float, printed: float | None) -> dict[Any, Any]:
    method, _, workers = name.partition("-")
    columns = ("comm_gigabytes", "comm_gigabytes_paper", "paper_comm_gigabytes")
    values = dict(zip(columns, (counted, 2 * counted, printed), strict=True))
    return {"method": method, "workers": int(workers or 1), **values}


def evidence(**changed: Any) -> Evidence:
    """Return a run in which LoFT equals its baselines and each ranking settles at even pace."""
    curves = [[4.0 + e, 2.0, 1.0 - e, 0.0] for e in (-0.01, 0.0, 0.01)]
    values: dict[str, Any] = {
        "tickets": {(cell, at, 0.8): near(90) for cell in CELLS for at in (2, 4)},
        "distances": dict.fromkeys([*CELLS, UNPRUNED], curves),
        "parameters": dict.fromkeys(CELLS, 100),
        "costs": {cell: cost(cell, 8.0, None) for cell in CELLS},
    }
    for name, parts in changed.items():
        values[name] = {**values[name], **parts}
    return Evidence(**values)


def judged(found: Iterator[Finding]) -> dict[tuple[str, str], str]:
    return {(each.cell, each.against): each.verdict for each in found}


def test_comparable_or_better() -> None:
    tickets = {("loft-4", 4, 0.8): near(85), ("local_sgd-2", 4, 0.8): near(85)}
    found = judged(claim_rules.comparable_tickets(evidence(tickets=tickets), RULE))
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
    found = judged(claim_rules.better_at_every_length(evidence(tickets=tickets), RULE))
    assert found == {("loft-2", "gpipe-2"): REPRODUCED, ("loft-4", "gpipe-2"): NOT_REPRODUCED}
    found = judged(claim_rules.better_at_every_length(evidence(), RULE))
    assert set(found.values()) == {UNDERPOWERED}


def test_better_at_every_length_needs_several_lengths() -> None:
    tickets = {(cell, 4, 0.8): near(90) for cell in CELLS}
    alone = Evidence(**{**vars(evidence()), "tickets": tickets})
    assert judged(claim_rules.better_at_every_length(alone, RULE)) == {}


def test_four_workers_as_good_as_two() -> None:
    tickets = {("local_sgd-4", 4, 0.8): near(93)}  # better is not the same either
    found = judged(claim_rules.four_as_good_as_two(evidence(tickets=tickets), RULE))
    assert found == {
        ("loft-4", "loft-2"): REPRODUCED,
        ("local_sgd-4", "local_sgd-2"): NOT_REPRODUCED,
    }


def test_a_distance_that_rises_once_does_not_fall() -> None:
    rises = [[4.0 + e, 1.0 + e, 2.0 - e, 0.0] for e in (-0.01, 0.0, 0.01)]
    found = list(claim_rules.distance_falls(evidence(distances={"loft-4": rises}), RULE))
    assert judged(iter(found)) == {("loft-2", ""): REPRODUCED, ("loft-4", ""): NOT_REPRODUCED}
    assert found[0].measured.startswith("3 of 3 steps fall, 3 of them beyond doubt")
    assert found[1].measured.startswith("2 of 3 steps fall, 2 of them beyond doubt")
    assert "weakest, epoch 1 to 2: +1.00" in found[1].measured


def test_faster_is_less_distance_left() -> None:
    """Of 4: (2 + 1) / 2 is 37.5 % left, (1 + 0.5) / 2 is 18.75 %, (4 + 3) / 2 is 87.5 %."""
    fast = [[4.0 + e, 1.0 + e, 0.5, 0.0] for e in (-0.01, 0.0, 0.01)]
    slow = [[4.0 + e, 4.0, 3.0 + e, 0.0] for e in (-0.01, 0.0, 0.01)]
    found = list(
        claim_rules.distance_falls_faster(
            evidence(distances={"loft-2": fast, "loft-4": slow}), RULE
        )
    )
    assert judged(iter(found)) == {
        ("loft-2", "gpipe-2"): REPRODUCED,
        ("loft-4", "gpipe-4"): NOT_REPRODUCED,
    }
    assert found[0].measured.startswith("-18.7")
    assert found[0].measured.endswith("points from GPipe's 37.5 %")


def test_a_ranking_that_never_moved_has_no_share_left() -> None:
    """GPipe-2's distances are all zero with one seed: nothing to divide by, nothing to compare."""
    moved = [[4.0, 2.0, 1.0, 0.0]] * 2
    distances = {"loft-2": moved, "gpipe-2": [moved[0], [0.0] * 4], "loft-4": moved}
    found = list(claim_rules.distance_falls_faster(evidence(distances=distances), RULE))
    assert [finding.cell for finding in found] == ["loft-4"]


@pytest.mark.parametrize(("second", "verdict"), [(2.0, REPRODUCED), (3.5, NOT_REPRODUCED)])
def test_stable_early_is_ahead_of_an_even_pace(second: float, verdict: str) -> None:
    """After 1 of 3 epochs an even pace leaves 66.7 %."""
    curves = [[4.0, second + e, 1.0, 0.0] for e in (-0.01, 0.0, 0.01)]
    (found,) = claim_rules.ranking_stable_early(evidence(distances={UNPRUNED: curves}), RULE)
    assert found.verdict == verdict
    assert "from 66.7 % left after 1 of 3 epochs" in found.measured


def test_bytes_are_counted_and_stand_beside_the_printed_ratio() -> None:
    costs = {
        "gpipe-2": cost("gpipe-2", 20.0, 131.88),
        "loft-2": cost("loft-2", 5.0, 40.02),
        "loft-4": cost("loft-4", 9.0, None),
    }
    found = list(claim_rules.bytes_saved(evidence(costs=costs), "gpipe"))
    assert judged(iter(found)) == {
        ("loft-2", "gpipe-2"): REPRODUCED,
        ("loft-4", "gpipe-4"): NOT_REPRODUCED,
    }
    assert found[0].measured == "4.00 counted, 4.00 by the paper's convention, 3.30 printed"
    assert found[1].measured == "0.89 counted, 0.89 by the paper's convention"


def test_memory_and_parameters_are_held_to_dense() -> None:
    less = evidence(parameters={"dense": 10**6, "loft-2": 10**6, "loft-4": 600_000})
    for find in (claim_rules.memory_saved, claim_rules.parameters_saved):
        assert judged(find(less, RULE)) == {
            ("loft-2", "dense"): NOT_REPRODUCED,
            ("loft-4", "dense"): REPRODUCED,
        }
    assert [found.measured for found in claim_rules.memory_saved(less, RULE)] == [
        "12 MB of dense's 12",
        "7.2 MB of dense's 12",
    ]


def test_one_seed_shows_nothing_but_counts() -> None:
    plain = vars(evidence())
    single = Evidence(
        {key: seeds[:1] for key, seeds in plain["tickets"].items()},
        {key: seeds[:1] for key, seeds in plain["distances"].items()},
        {**plain["parameters"], "loft-2": 60, "loft-4": 60},
        {**plain["costs"], "loft-2": cost("loft-2", 4, None), "loft-4": cost("loft-4", 4, None)},
    )
    for claim in CLAIMS:
        counted = claim.name.startswith(("improvement", "parameters", "memory"))
        verdicts = set(judged(claim.find(single, RULE)).values())
        assert verdicts == {REPRODUCED if counted else UNDERPOWERED}, claim.name


def test_a_run_without_what_a_claim_needs_says_so(run: Run, pretrain: Pretrain) -> None:
    """Dense pretraining alone: its lines give a row for each claim, none of them judged."""
    made = [pretrain(run.pretrain_job("preresnet18", cell, 0))[1] for cell in ("dense", UNPRUNED)]
    ticket = {"kind": "ticket", "snapshot": 2, "ratio": 0.8, "multiple": 1}
    ticket |= {"parameters": 1, "flops": 1}
    first = {**made[0][0], "step": "finetune"}
    made.append([first, {**ticket, "test_accuracy": 50.0}])
    table = claims(made, table1(made), RULE)
    assert list(table["claim"]) == [claim.name for claim in CLAIMS]
    assert set(table["verdict"]) == {NOT_JUDGED}
    assert all(reason.startswith("needs ") for reason in table["evidence"])
