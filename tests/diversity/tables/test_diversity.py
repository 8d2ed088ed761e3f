"""The table of diversity, from lines written by hand."""

from typing import Any

from loft.core.reporting.metrics import Line
from loft.diversity.tables.diversity import make


def measured(when: str, mechanism: str = "none", factor: int = 1, **changed: Any) -> Line:
    about: Line = {"kind": "diversity", "when": when, "mechanism": mechanism, "replication": factor}
    found = {"diversity": 0.5, "error": 0.01, "bound": 12.0, "mechanism_bound": 12.0}
    return {**about, "samples": 24, "measured": 8, **found, **changed}


def test_the_start_stands_above_the_end() -> None:
    lines = [measured("end"), measured("start"), measured("start", factor=2)]
    job: list[Line] = [{"kind": "job", "step": "replication", "model": "m"}, *lines]
    rows = make([job]).to_dict("records")
    assert [(row["replication"], row["when"]) for row in rows] == [
        (1, "start"),
        (1, "end"),
        (2, "start"),
    ]
    assert (rows[0]["model"], rows[0]["diversity"], rows[0]["bound"]) == ("m", 0.5, 12.0)


def test_models_and_mechanisms_are_in_alphabetical_order() -> None:
    jobs: list[list[Line]] = [
        [{"kind": "job", "step": "replication", "model": model}, measured("end", mechanism)]
        for model, mechanism in (("b", "none"), ("a", "sgld"), ("a", "none"))
    ]
    table = make(jobs)
    assert [*zip(table["model"], table["mechanism"], strict=True)] == [
        ("a", "none"),
        ("a", "sgld"),
        ("b", "none"),
    ]
