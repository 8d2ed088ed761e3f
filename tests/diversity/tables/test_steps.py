"""The table of tuned steps, from lines written by hand."""

from loft.core.reporting.metrics import Line
from loft.diversity.tables.steps import make


def test_every_configuration_has_its_step() -> None:
    def tuned(mechanism: str, factor: int, batch: int, step: float, edge: bool) -> Line:
        about: Line = {"kind": "tuned", "mechanism": mechanism, "replication": factor}
        return {**about, "batch": batch, "step": step, "edge": edge, "tried": [step]}

    job: list[Line] = [
        {"kind": "job", "step": "replication", "model": "m"},
        tuned("none", 2, 16, 0.1, False),
        tuned("none", 1, 16, 0.2, True),
        tuned("none", 1, 4, 0.4, False),
        tuned("dropconnect", 1, 4, 0.8, False),
    ]
    table = make([job])
    assert [*table.columns] == ["model", "mechanism", "replication", "batch", "step", "edge"]
    assert [*table["step"]] == [0.8, 0.4, 0.2, 0.1]
    assert [*table["edge"]] == [False, False, True, False]
