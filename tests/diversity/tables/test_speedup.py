"""The table of speed-up, by hand."""

import pytest

from loft.core.reporting.metrics import Line
from loft.diversity.settings import NetworkSettings
from loft.diversity.tables import speedup


def test_speedup_by_hand() -> None:
    """Iterations of 1 + B seconds alone; messages of 4 bytes x 100 / 2 at 100 bytes a second."""
    job: Line = {"kind": "job", "step": "speedup", "model": "m", "weights": 100}
    alone: list[Line] = [{**job, "workers": 1}]
    for batch, iterations in ((2, 4), (4, 2)):
        line: Line = {"kind": "pass", "batch": batch, "iterations": iterations, "bytes_sent": 0}
        alone.append({**line, "pass_seconds": iterations * (1.0 + batch)})
    pair = [{**job, "workers": 2}, {**alone[1], "pass_seconds": 6.0, "bytes_sent": 3200}]
    network = NetworkSettings(latency=0.0, bandwidth=100.0)
    table = speedup.make([alone, pair], network, [4]).set_index(["kind", "workers", "batch"])
    assert table.loc[("measured", 2, 2), "speedup"] == pytest.approx(12 / 6)
    assert table.loc[("model", 1, 4), "pass_seconds"] == pytest.approx(10)
    assert table.loc[("model", 2, 2), "pass_seconds"] == pytest.approx(4 * (1 + 1 + 2 * 2))
    assert table.loc[("model", 4, 4), "pass_seconds"] == pytest.approx(2 * (1 + 1 + 6 * 1))
    sent = table["bytes_sent"].to_dict()
    assert sent["model", 2, 2] == sent["measured", 2, 2]
    assert ("measured", 4, 2) not in table.index
