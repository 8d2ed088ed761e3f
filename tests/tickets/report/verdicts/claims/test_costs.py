"""Claims on bytes, memory and parameters, judged from made-up measurements."""

from loft.tickets.report.verdicts.claims import costs
from loft.tickets.report.verdicts.judging import NOT_REPRODUCED, REPRODUCED
from tests.tickets.report.verdicts.claims.made_up import RULE, cost, judged, measured


def test_bytes_are_counted_and_stand_beside_the_printed_ratio() -> None:
    cells = {
        "gpipe-2": cost("gpipe-2", 20.0, 131.88),
        "loft-2": cost("loft-2", 5.0, 40.02),
        "loft-4": cost("loft-4", 9.0, None),
    }
    found = list(costs.bytes_saved(measured(costs=cells), "gpipe"))
    assert judged(iter(found)) == {
        ("loft-2", "gpipe-2"): REPRODUCED,
        ("loft-4", "gpipe-4"): NOT_REPRODUCED,
    }
    assert found[0].measured == "4.00 counted, 4.00 by the paper's convention, 3.30 printed"
    assert found[1].measured == "0.89 counted, 0.89 by the paper's convention"


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
