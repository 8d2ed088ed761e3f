"""Made-up measurements of a run, for tests of claims."""

from collections.abc import Iterator
from typing import Any

from loft.core.reporting.verdicts.claims import Judged
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.verdicts.measurements import Measurements
from loft.tickets.results.cells import UNPRUNED

RULE = VerdictSettings(margin=0.8, confidence=0.95)
CELLS = ["dense", "gpipe-2", "gpipe-4", "local_sgd-2", "local_sgd-4", "loft-2", "loft-4"]


def near(value: float, spread: float = 0.1) -> list[float]:
    return [value - spread, value, value + spread]


def cost(name: str, counted: float, printed: float | None) -> dict[Any, Any]:
    method, _, workers = name.partition("-")
    columns = ("comm_gigabytes", "comm_gigabytes_paper", "paper_comm_gigabytes")
    values = dict(zip(columns, (counted, 2 * counted, printed), strict=True))
    return {"method": method, "workers": int(workers or 1), **values}


def measured(**changed: Any) -> Measurements:
    """Return a run in which LoFT equals its baselines and each ranking settles at even pace."""
    curves = [[4.0 + e, 2.0, 1.0 - e, 0.0] for e in (-0.01, 0.0, 0.01)]
    values: dict[str, Any] = {
        "tickets": {(cell, at, 0.8): near(90) for cell in CELLS for at in (2, 4)},
        "distances": dict.fromkeys([*CELLS, UNPRUNED], curves),
        "parameters": dict.fromkeys(CELLS, 100),
        "costs": {cell: cost(cell, 8.0, None) for cell in CELLS},
        "dense": near(90),  # so the margin is 0.8 points
        "dataset": "CIFAR-10",
    }
    for name, parts in changed.items():
        values[name] = {**values[name], **parts} if isinstance(parts, dict) else parts
    return Measurements(**values)


def judged(found: Iterator[Judged]) -> dict[tuple[str, str], str]:
    """Return each verdict's word, without the seeds that an undecided one needs."""
    return {(each.cell, each.against): each.verdict.partition(",")[0] for each in found}
