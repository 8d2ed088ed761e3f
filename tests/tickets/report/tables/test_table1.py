"""Table 1, from lines written by hand."""

from typing import Any

import pandas as pd
import pytest

from loft.tickets.report.job_lines import Job
from loft.tickets.report.tables import tickets
from loft.tickets.report.tables.table1 import taken_in_turns, without_verdicts
from tests.tickets.report.verdicts.test_printed_accuracies import PAPER, jobs, near


def test_workers_in_turns_are_told() -> None:
    turned: list[Job] = [
        [{"cell": "dense"}],
        [{"cell": "gpipe-2", "turns": True}],
        [{"cell": "gpipe-2", "turns": True}],
    ]
    assert taken_in_turns(turned[:1]) == ""
    said = " Workers of gpipe-2 took turns on one device; bytes are counted as between processes."
    assert taken_in_turns(turned) == said


def costed(made: list[Job], sent: float) -> list[Job]:
    """Add to every pretraining what it sent, as counted and as twice and thrice that."""
    result = {"kind": "result", "bytes_sent": sent, "bytes_model": 2 * sent}
    result["bytes_paper"] = 3 * sent
    return [[*job, result] if job[0]["step"] == "pretrain" else job for job in made]


def rows(made: list[Job]) -> dict[str, dict[str, Any]]:
    table = without_verdicts(made, tickets.make(made)).to_dict("records")
    named = [{str(name): value for name, value in row.items()} for row in table]
    return {f"{row['method']}-{row['workers']}": row for row in named}


def test_a_row_is_the_mean_of_its_seeds() -> None:
    """Three seeds, each a tenth apart; dense ends at 94.0, 94.1 and 94.2."""
    made = jobs({"dense": {0.5: near(93.0)}, "loft-2": {0.5: near(92.0), 0.8: near(90.0)}}, PAPER)
    found = rows(costed(made, 1.5e9))
    assert [*found] == ["dense-1", "loft-2"]  # the unpruned training is the column of all rows
    loft = found["loft-2"]
    assert (loft["seeds"], loft["workers"], loft["dataset"]) == (3, 2, "CIFAR-10")
    assert (loft["accuracy_80"], loft["accuracy_80_std"]) == pytest.approx((90.0, 0.1))
    assert (loft["dense_accuracy"], loft["dense_accuracy_std"]) == pytest.approx((94.1, 0.1))
    costs = [loft[f"comm_gigabytes{part}"] for part in ("", "_model", "_paper")]
    assert costs == pytest.approx([1.5, 3.0, 4.5])
    assert pd.isna(found["dense-1"]["accuracy_80"])


def test_the_papers_values_stand_beside_its_own_cells() -> None:
    """The long version prints 93.97 for LoFT-4 at 80 %, and 94.36 unpruned."""
    made = costed(jobs({"dense": {0.8: near(93.0)}, "loft-4": {0.8: near(92.0)}}, PAPER), 1e9)
    loft = rows(made)["loft-4"]
    assert (loft["paper_accuracy_80"], loft["paper_dense_accuracy"]) == (93.97, 94.36)
    assert loft["paper_comm_gigabytes"] > 0
    other = costed(jobs({"dense": {0.8: near(9.0)}, "loft-4": {0.8: near(9.0)}}, PAPER, "x"), 1e9)
    found = rows(other)["loft-4"]
    assert all(pd.isna(found[name]) for name in found if name.startswith("paper"))


def test_a_control_sends_nothing_and_was_not_pretrained() -> None:
    made = jobs({"dense": {0.5: near(93.0)}, "random": {0.5: near(91.0)}}, PAPER)
    made = [job for job in made if job[0]["step"] == "finetune" or job[0]["cell"] != "random"]
    found = rows(costed(made, 1e9))["random-1"]
    assert (found["comm_gigabytes"], found["seeds"]) == (0.0, 3)
    assert pd.isna(found["pretrain_accuracy"])
    assert found["accuracy_50"] == pytest.approx(91.0)


def test_a_cell_that_another_trains_has_its_accuracy_and_its_own_cost() -> None:
    made = costed(jobs({"dense": {0.5: near(93.0)}, "gpipe-2": {0.5: near(92.0)}}, PAPER), 1e9)
    first = {**made[0][0], "cell": "gpipe-4", "method": "gpipe", "workers": 4}
    shared = [
        [{**first, "seed": seed, "trained_by": "gpipe-2"}, {"kind": "result"} | sent]
        for seed in range(3)
        for sent in [{"bytes_sent": 7e9, "bytes_model": 7e9, "bytes_paper": 7e9}]
    ]
    found = rows([*made, *shared])
    assert found["gpipe-4"]["accuracy_50"] == found["gpipe-2"]["accuracy_50"]
    assert found["gpipe-4"]["pretrain_accuracy"] == found["gpipe-2"]["pretrain_accuracy"]
    assert (found["gpipe-4"]["comm_gigabytes"], found["gpipe-2"]["comm_gigabytes"]) == (7, 1)
