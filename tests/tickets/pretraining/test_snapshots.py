"""Networks and records of earlier steps are used only if they are what they should be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from loft.cli import main
from loft.core.errors import UserError
from loft.core.files.checkpoint import write_tensors
from loft.core.reporting.metrics import Journal
from loft.models.build import build
from loft.tickets.network.norms import ALL_NORMS, measure_norms
from loft.tickets.pretraining.snapshots import read_norms, read_snapshot
from loft.tickets.pruning.job import DistanceJob
from loft.tickets.pruning.tickets import read_ticket
from loft.tickets.report.heatmaps import read_pairs
from loft.tickets.results import paths
from tests.tickets.stored import MODEL, NAME, SHAPE, Weights, change, put, store


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("pretraining"))


@pytest.mark.parametrize("part", ["safetensors", "json"])
@pytest.mark.parametrize("kind", ["snapshot", "ticket"])
def test_a_file_cut_anywhere_is_one_line(made: Path, tmp_path: Path, kind: str, part: str) -> None:
    source = paths.snapshot(made, 2) if kind == "snapshot" else paths.ticket(made, 2, 0.5)
    path = tmp_path / source.relative_to(made)
    change(source, path, lambda _: None)
    cut = path.with_suffix(f".{part}")
    content = cut.read_bytes().strip()
    for length in {0, 1, 7, 8, 9, *range(0, len(content), len(content) // 20), len(content) - 1}:
        cut.write_bytes(content[:length])
        with pytest.raises(UserError, match=f"{cut}: expected") as error:
            if kind == "snapshot":
                read_snapshot(tmp_path, 2)
            else:
                read_ticket(tmp_path, NAME)
        assert "\n" not in str(error.value)


def recorded() -> Weights:
    """Three epochs' record of the network."""
    state = build("preresnet18", 4, **SHAPE, seed=0).state_dict()  # type: ignore[arg-type]
    return {name: torch.stack([row] * 3) for name, row in measure_norms(state, ALL_NORMS).items()}


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (put("l2/stem.conv", lambda t: t[:2]), "l2/stem.conv: found float32 [2, 4]; expected"),
        (put("scale/layer2.0.before", lambda t: t[:, :3]), "scale/layer2.0.before: found float32"),
        (put("max/stem.conv", lambda t: t * torch.nan), "max/stem.conv: found infinite values"),
        (lambda record: record.pop("l1/stem.conv"), "l1/stem.conv: missing, did you mean"),
        (lambda record: record.update(more=torch.ones(3, 4)), "more: does not belong there"),
    ],
)  # fmt: skip
def test_a_record_of_norms_is_checked(
    tmp_path: Path, weights: Callable[[Weights], None], expected: str
) -> None:
    path = tmp_path / "norms.safetensors"
    about = {"model": MODEL, **SHAPE, "epochs": 2}
    write_tensors(path, recorded())
    assert read_norms(path, about).keys() == recorded().keys()
    record = recorded()
    weights(record)
    write_tensors(path, record)
    with pytest.raises(UserError) as error:
        read_norms(path, about)
    assert f"{path}: {expected}" in str(error.value)


def test_the_distance_step_says_which_record_is_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    norms, lines = tmp_path / "norms.safetensors", tmp_path / "metrics.jsonl"
    write_tensors(norms, recorded())
    norms.write_bytes(norms.read_bytes()[:-9])
    about = {"model": MODEL, "dataset": "digits", **SHAPE, "cell": "dense", "seed": 0}
    Journal({"step": "pretrain", **about, "epochs": 2}).write(lines)
    job = DistanceJob(mask_ratio=0.5, mask_threshold=0.1, filter_threshold=0.2, window=5)
    given = ["--norms", str(norms), "--pretrained", str(lines), "--metrics", str(tmp_path / "out")]
    assert main(["distance", "--settings", job.dump(), *given]) == 2
    assert capsys.readouterr().err.startswith(f"loft: {norms}: expected a whole safetensors file")


PAIRS = {"filters/stem.conv": np.zeros((3, 3)), "masks": np.zeros((2, 2))}


WHOSE = '{"model": "a", "dataset": "b", "cell": "unpruned", "seed": 0}'


@pytest.mark.parametrize(
    ("arrays", "about", "expected"),
    [
        (PAIRS | {"masks": np.zeros((3, 3))}, "{}", "about: model: missing"),
        (PAIRS, "[" * 100_000, "not distances between epochs"),
        (PAIRS, "", "not distances between epochs"),
        (PAIRS, WHOSE, ""),
        ({"masks": np.zeros((2, 2))}, WHOSE, "filters/stem.conv: missing"),
        (PAIRS | {"masks": np.zeros((3, 3))}, WHOSE,
         "filters/stem.conv: found float32 [3, 3]; expected float32 [4, 4]"),
        (PAIRS | {"masks": np.zeros((2, 3))}, WHOSE, "masks: found"),
        (PAIRS | {"other": np.zeros(2)}, WHOSE, "other: does not belong"),
    ],
)  # fmt: skip
def test_distances_are_checked_before_they_are_drawn(
    tmp_path: Path, arrays: dict[str, Any], about: str, expected: str
) -> None:
    path = tmp_path / "pairs.safetensors"
    write_tensors(path, {name: torch.from_numpy(a).float() for name, a in arrays.items()}, about)
    if not expected:
        assert [*read_pairs([path])] == ["a, b"]
        return
    with pytest.raises(UserError) as error:
        read_pairs([path])
    assert f"{path}: {expected}" in str(error.value)
