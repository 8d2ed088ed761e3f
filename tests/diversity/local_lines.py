"""Lines of local training written by hand."""

from typing import Any

from loft.core.reporting.metrics import Line


def job(cell: str, workers: int, lines: list[dict[str, Any]]) -> list[Line]:
    about = {"model": {"name": "preresnet18"}, "cell": cell, "workers": workers}
    return [{"kind": "job", "step": "updates", **about, "batch_size": 10}, *lines]


def updates(squares: float, together: float, apart: float) -> dict[str, Any]:
    sums = {"shared_squares": squares, "shared_together": together, "partitioned_squares": apart}
    return {"kind": "updates", "epoch": 0, "iterations": 1, **sums}


def samples(rank: int, squares: float, together: float) -> dict[str, Any]:
    about = {"kind": "gradients", "epoch": 0, "rank": rank, "samples": 50}
    return {**about, "squares": squares, "together": together}
