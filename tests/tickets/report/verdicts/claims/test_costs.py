"""Claims on bytes, memory and parameters, judged from made-up measurements."""

from loft.core.reporting.verdicts.claims import Judged
from loft.core.reporting.verdicts.judging import NOT_REPRODUCED, REPRODUCED
from loft.tickets.report.tables import tickets
from loft.tickets.report.tables.table1 import without_verdicts
from loft.tickets.report.verdicts.claims import costs
from loft.tickets.report.verdicts.measurements import collect
from tests.tickets.report.tables.test_table1 import costed
from tests.tickets.report.verdicts.claims.made_up import RULE, cost, judged, measured
from tests.tickets.report.verdicts.test_printed_accuracies import PAPER, jobs, near


def test_bytes_are_counted_and_stand_beside_the_printed_ratio() -> None:
    cells = {
        "gpipe-2": cost("gpipe-2", 20.0, 131.88),
        "loft-2": cost("loft-2", 5.0, 40.02),
        "loft-4": cost("loft-4", 9.0, None),
    }
    found = list(costs.improvement(measured(costs=cells), RULE, "gpipe"))
    assert judged(iter(found)) == {
        ("loft-2", "gpipe-2"): REPRODUCED,
        ("loft-4", "gpipe-4"): NOT_REPRODUCED,
    }
    assert found[0].measured == "4.00 by the paper's convention, 4.00 counted, 3.30 printed"
    assert found[1].measured == "0.89 by the paper's convention, 0.89 counted"
    counted = judged(costs.bytes_saved(measured(costs=cells), RULE))
    assert counted["loft-2", "gpipe-2"] == counted["loft-2", "local_sgd-2"] == REPRODUCED
    assert counted["loft-4", "gpipe-4"] == counted["loft-4", "local_sgd-4"] == NOT_REPRODUCED


def test_table_1s_improvement_is_by_the_papers_convention() -> None:
    """Counted bytes say otherwise; one worker alone sends nothing and has no ratio."""
    cells = {
        "gpipe-2": {**cost("gpipe-2", 4.0, None), "comm_gigabytes_paper": 20.0},
        "loft-2": {**cost("loft-2", 5.0, None), "comm_gigabytes_paper": 10.0},
        "loft-4": cost("loft-4", 0.0, None),
    }
    (found,) = costs.improvement(measured(costs=cells), RULE, "gpipe")
    assert found.measured == "2.00 by the paper's convention, 0.80 counted"
    assert found.verdict == REPRODUCED


def test_computation_is_judged_where_table_1_has_operations() -> None:
    """The table is made from lines; older lines have no operations."""
    cells = {name: {0.8: near(92.0)} for name in ("dense", "gpipe-2", "local_sgd-2", "loft-2")}
    operations = {"dense": 1e15, "gpipe-2": 5e15, "local_sgd-2": 10e15, "loft-2": 8e15}

    def found(known: bool) -> list[Judged]:
        made = costed(jobs(cells, PAPER), 1e9)
        for job in made:
            if known and job[0]["cell"] in operations and job[-1]["kind"] == "result":
                job[-1] = job[-1] | {"images_seen": 1, "operations": operations[job[0]["cell"]]}
        table = without_verdicts(made, tickets.make(made))
        (measurements,) = collect(made, table).values()
        return list(costs.computation_saved(measurements, RULE))

    assert found(known=False) == []
    assert judged(iter(found(known=True))) == {
        ("loft-2", "gpipe-2"): NOT_REPRODUCED,
        ("loft-2", "local_sgd-2"): REPRODUCED,
    }
    assert found(known=True)[1].measured == "1.25 times as many operations"


def test_memory_and_parameters_are_held_to_dense() -> None:
    less = measured(parameters={"dense": 10**6, "loft-2": 10**6, "loft-4": 600_000})
    for find in (costs.memory_saved, costs.parameters_saved):
        assert judged(find(less, RULE)) == {
            ("loft-2", "dense"): NOT_REPRODUCED,
            ("loft-4", "dense"): REPRODUCED,
        }
    assert [found.measured for found in costs.memory_saved(less, RULE)] == [
        "12 MB of dense's 12",
        "7.2 MB of dense's 12",
    ]
