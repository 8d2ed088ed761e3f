"""A run on image files, step by step as a user would type it, with processes that load them."""

from pathlib import Path
from typing import Any

import pytest

from loft.core.data.sources import DataJob
from loft.core.reporting.joined_lines import read_joined
from loft.core.reporting.metrics import Line, read
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests import pictures
from tests.conftest import TINY, loft

TRAIN, TEST = 11, 4  # images of each of three classes


def settings(root: Path) -> dict[str, Any]:
    """The tests' run on a folder of pictures, 32 pixels a side."""
    return {
        **TINY,
        "data": pictures.settings(root, size=32, resize=36),
        "augment": pictures.AUGMENT,
        "pretrain": {**TINY["pretrain"], "epochs": 1, "calibration_images": 20},
    }


def step(*arguments: object) -> str:
    """Run a step of which a user sees no error; return what it said."""
    result = loft(*(str(argument) for argument in arguments))
    assert result.returncode == 0, result.stderr
    return result.stderr


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    pictures.write_folder(folder, TRAIN, TEST)
    return folder


@pytest.fixture(scope="module")
def run(root: Path) -> Run:
    return Run.model_validate(settings(root))


@pytest.fixture(scope="module")
def index(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "images.safetensors"
    step("data", "--settings", DataJob(data=run.data).dump(), "--out", path, "--loaders", 1)
    return path


def pretrain(run: Run, index: Path, out: Path, loaders: int) -> list[Line]:
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    given = ["--settings", job.dump(), "--data", index, "--out", out]
    step("pretrain", *given, "--metrics", out / "metrics.jsonl", "--loaders", loaders)
    return read_joined(out / "metrics.jsonl")


@pytest.mark.slow
def test_loft_is_pretrained_pruned_and_finetuned_on_image_files(
    run: Run, index: Path, tmp_path: Path
) -> None:
    helped, alone = tmp_path / "helped", tmp_path / "alone"
    lines = pretrain(run, index, helped, loaders=1)
    assert [lines[0][key] for key in ("dataset", "classes", "channels", "size")] == [
        "pictures", 3, 3, 32,
    ]  # fmt: skip
    assert lines[0]["iterations_per_epoch"] == 3 * TRAIN // 32
    assert len({line["pid"] for line in lines if line["kind"] == "worker"}) == 2
    (epoch,) = (line for line in lines if line["kind"] == "epoch")
    right = epoch["test_accuracy"] * 3 * TEST / 100
    assert right == pytest.approx(round(right))
    pretrain(run, index, alone, loaders=0)
    first, second = (paths.snapshot(folder, 1).read_bytes() for folder in (helped, alone))
    assert first == second
    step("prune", "--settings", run.prune_job().dump(), "--pretrained", helped)
    job, lines_file = run.finetune_job("loft-2", 0), tmp_path / "finetune.jsonl"
    given = ["--settings", job.dump(), "--data", index, "--pretrained", helped]
    given += ["--norms", tmp_path / "norms.safetensors", "--metrics", lines_file]
    step("finetune", *given, "--loaders", 1)
    tickets = [line for line in read(lines_file) if line["kind"] == "ticket"]
    assert [ticket["ratio"] for ticket in tickets] == [0.5, 0.8]
    assert tickets[0]["flops"] > tickets[1]["flops"]


@pytest.mark.parametrize("loaders", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_a_file_damaged_after_the_data_step_is_one_line(
    run: Run, root: Path, index: Path, tmp_path: Path, loaders: int
) -> None:
    """Found by a loader of a worker, or a worker, two or three processes down."""
    damaged = [root / "train" / name / "00.JPEG" for name in pictures.CLASSES]
    kept = [path.read_bytes() for path in damaged]
    for path in damaged:
        path.write_bytes(b"damaged")
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    given = ["--settings", job.dump(), "--data", str(index), "--out", str(tmp_path)]
    given += ["--metrics", str(tmp_path / "metrics.jsonl"), "--loaders", str(loaders)]
    result = loft("pretrain", *given)
    for path, content in zip(damaged, kept, strict=True):
        path.write_bytes(content)
    assert result.returncode == 2
    _, line = result.stderr.splitlines()  # after the one that says where it computes
    assert line.startswith(f"loft: {root}/train/")
    assert "00.JPEG: found another content than when the data were made; start" in line
    assert not (tmp_path / "metrics.jsonl").exists()


def test_too_few_images_for_a_run_are_one_line(run: Run, index: Path, tmp_path: Path) -> None:
    """What a params file with `train_images: null` cannot know."""
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    sgd = job.sgd.model_copy(update={"batch_size": 64})
    cases: list[tuple[dict[str, Any], str]] = [
        ({"calibration_images": 34}, "pretrain.calibration_images: found 34; expected at most 33"),
        ({"sgd": sgd}, "sgd.batch_size: found 64; expected at most 33"),
    ]
    for changed, expected in cases:
        wanted = job.model_copy(update=changed)
        given = ["--settings", wanted.dump(), "--data", str(index), "--out", str(tmp_path)]
        result = loft("pretrain", *given, "--metrics", str(tmp_path / "metrics.jsonl"))
        assert result.returncode == 2
        assert expected in result.stderr
        assert result.stderr.count("\n") == 1
