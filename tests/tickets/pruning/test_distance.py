"""The distance step on three epochs of a network of three filters, by hand."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from loft.core.files.checkpoint import read_tensors, write_tensors
from loft.core.reporting.metrics import read
from loft.tickets.pruning import distance
from loft.tickets.pruning.job import DistanceJob

SWAP = 1.5 * math.log(2)  # first and second place change: 1/1 ln 2 + 1/2 ln 2
NORMS = {
    "l2/stem": [[3.0, 2.0, 1.0], [2.0, 3.0, 1.0], [2.0, 3.0, 1.0]],
    "l1/stem": [[3.0, 2.0, 1.0]] * 3,
    "max/stem": [[3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [2.0, 3.0, 1.0]],
    "scale/bn": [[1.0, 1.0], [0.9, 0.1], [0.1, 0.9]],
}


def test_lines_and_pairs_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a network that there is none of, and that is not looked for."""
    monkeypatch.setattr(distance, "read_norms", lambda path, _: read_tensors(path)[0])
    about: dict[str, Any] = {
        "kind": "job",
        "step": "pretrain",
        "model": {"name": "preresnet18", "width": 4},
        "dataset": "digits",
        "epochs": 2,
    }
    about |= {"cell": "unpruned", "seed": 0, "channels": 1, "size": 8, "classes": 10}
    norms, lines, found = (tmp_path / name for name in ("norms.safetensors", "in", "out"))
    write_tensors(norms, {name: torch.tensor(rows) for name, rows in NORMS.items()})
    lines.write_text(json.dumps(about) + "\n", encoding="utf-8")
    job = DistanceJob(mask_ratio=0.5, mask_threshold=0.1, filter_threshold=0.2, window=5)
    distance.run(job, [norms], [lines], found)

    last = {line["norm"]: line for line in read(found) if line["kind"] == "distance"}
    assert last["l2"]["mean"] == pytest.approx([SWAP, 0, 0], abs=1e-6)
    assert last["l2"]["layers"] == {"stem": last["l2"]["mean"]}
    assert last["l1"]["mean"] == [0, 0, 0]
    assert last["max"]["mean"] == pytest.approx([SWAP, SWAP, 0], abs=1e-6)

    following = {line["of"]: line for line in read(found) if line["kind"] == "consecutive"}
    ln2, ln3 = math.log(2), math.log(3)
    chance = (ln2 + ln3) / 3 + (ln2 + ln3 - ln2) / 6 + (ln3 + ln3 - ln2) / 9
    assert following["filters"]["distances"] == pytest.approx([SWAP / chance, 0], abs=1e-6)
    assert following["masks"]["from_epoch"] == 1
    assert following["masks"]["distances"] == [1]

    pairs, text = read_tensors(tmp_path / "pairs.safetensors")
    assert json.loads(text)["dataset"] == "digits"
    expected = torch.tensor([[0, SWAP, SWAP], [SWAP, 0, 0], [SWAP, 0, 0]])
    assert torch.allclose(pairs["filters/stem"], expected)
    assert pairs["masks"].tolist() == [[0, 1], [1, 0]]
