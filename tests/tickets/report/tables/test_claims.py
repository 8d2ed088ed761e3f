"""The table of claims: what one seed can show, and what a run without the needed cells says."""

from loft.core.reporting.verdicts.claims import NOT_CLAIMED, NOT_JUDGED
from loft.core.reporting.verdicts.judging import REPRODUCED, UNDECIDED
from loft.tickets.report.tables import tickets
from loft.tickets.report.tables.claims import CLAIMS, make
from loft.tickets.report.tables.table1 import without_verdicts
from loft.tickets.report.verdicts.measurements import Measurements
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.run import Run
from tests.conftest import Pretrain
from tests.tickets.report.verdicts.claims.made_up import RULE, cost, judged, measured


def test_one_seed_shows_nothing_but_counts() -> None:
    plain = vars(measured())
    single = Measurements(
        {key: seeds[:1] for key, seeds in plain["tickets"].items()},
        {key: seeds[:1] for key, seeds in plain["distances"].items()},
        {**plain["parameters"], "loft-2": 60, "loft-4": 60},
        {**plain["costs"], "loft-2": cost("loft-2", 4, None), "loft-4": cost("loft-4", 4, None)},
        plain["dense"][:1],
        "CIFAR-10",
    )
    expected = {claim.name: {UNDECIDED} for claim in CLAIMS}
    for name in expected:
        if name.startswith(("improvement", "parameters", "memory", "communication")):
            expected[name] = {REPRODUCED}
    expected |= {"distance_falls_faster": {NOT_CLAIMED}, "computation_saved": set()}
    for claim in CLAIMS:
        verdicts = set(judged(claim.judge(single, RULE)).values())
        assert verdicts == expected[claim.name], claim.name


def test_a_run_without_what_a_claim_needs_says_so(run: Run, pretrain: Pretrain) -> None:
    """Dense pretraining alone: its lines give a row for each claim, none of them judged."""
    made = [pretrain(run.pretrain_job("preresnet18", cell, 0))[1] for cell in ("dense", UNPRUNED)]
    ticket = {"kind": "ticket", "snapshot": 2, "ratio": 0.8, "multiple": 1}
    ticket |= {"parameters": 1, "flops": 1}
    first = {**made[0][0], "step": "finetune"}
    made.append([first, {**ticket, "test_accuracy": 50.0}])
    table = make(made, without_verdicts(made, tickets.make(made)), RULE)
    assert list(table["claim"]) == [claim.name for claim in CLAIMS]
    assert set(table["verdict"]) == {NOT_JUDGED}
    assert all(reason.startswith("needs ") for reason in table["evidence"])
