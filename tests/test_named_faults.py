"""What goes wrong for users, case by case: one clear line, the right status, nothing half-written.

Status 2 is what a user can mend before starting again, 1 what failed while it ran.
"""

import bz2
import copy
import json
import os
import pickle
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from loft.cli import main
from loft.core.data.resident_images import Images
from loft.core.data.sources import DataJob
from loft.core.data.sources.settings import CifarData
from loft.core.files.checkpoint import write_network
from loft.models.build import build
from loft.run import check
from loft.soda.jobs import SamplesJob
from loft.soda.settings import LibsvmData
from loft.tickets.pruning import prune
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests import pictures
from tests.conftest import ORIGIN, ROOT, TINY, changed, loft, write_params
from tests.core.settings.test_schema import delete, set_key
from tests.diversity.runs import TINY as DIVERSITY
from tests.project import copy_to, snakemake

Values = dict[str, Any]
Capture = pytest.CaptureFixture[str]


def said(capsys: Capture, status: int, *arguments: object) -> str:
    """Run a step in this process; return the one line that it says when it fails."""
    found = main([str(argument) for argument in arguments])
    text = capsys.readouterr().err
    progress = ("downloading ", "pretrain ")
    lines = [line for line in text.splitlines() if not line.startswith(progress)]
    assert (found, len(lines)) == (status, 1), text
    assert lines[0].startswith("loft: ")
    assert "Traceback" not in text
    return lines[0].removeprefix("loft: ")


IMPOSSIBLE: dict[str, tuple[Callable[[Values], None], str]] = {
    "more workers than filters": (
        set_key("methods.loft.workers", [2, 4, 16]),
        "methods.loft.workers: found 16; expected at most 8, the filters of the narrowest",
    ),
    "multiples of more filters than a layer has": (
        set_key("prune.multiple", 8),
        "prune.multiple: found 8; expected at most 4, the narrowest network's width",
    ),
    "no worker": (set_key("methods.loft.workers", [0]), "methods.loft.workers.0: found 0"),
    "updates of a method that has no rounds": (
        set_key("updates", {"cells": ["gpipe-2"], "iterations": [1], "samples": 8}),
        "updates.cells: found 'gpipe-2'; expected some of ['local_sgd-2', 'local_sgd-4', 'loft-2'",
    ),
    "updates beyond a round": (
        set_key("updates", {"cells": ["loft-2"], "iterations": [1, 3], "samples": 8}),
        "updates.iterations: found [1, 3]; expected ascending numbers up to 2, the local iter",
    ),
    "updates of more images than are seen": (
        set_key("updates", {"cells": ["loft-2"], "iterations": [2], "samples": 65}),
        "updates.samples: found 65; expected at most 64, the images of 2 batches",
    ),
    "ratio 0": (set_key("prune.ratios", [0.0]), "prune.ratios.0: found 0.0; input should be gr"),
    "ratio 1": (set_key("prune.ratios", [1.0]), "prune.ratios.0: found 1.0; input should be le"),
    "snapshots beyond the last epoch": (
        set_key("pretrain.snapshot_every", 3),
        "pretrain.snapshot_every: found 3; expected at most pretrain.epochs (2)",
    ),
    "early tickets of a ratio that is not pruned": (
        set_key("finetune.early.ratios", [0.9]),
        "finetune.early.ratios: found 0.9; expected some of [0.5, 0.8]",
    ),
    "more pipeline stages than blocks": (
        set_key("methods.gpipe.workers", [2, 4, 32]),
        "methods.gpipe.workers: found [32]; expected 2 and 4 only",
    ),
    "a batch smaller than its micro-batches": (
        set_key("methods.gpipe.microbatches", 64),
        "methods.gpipe.microbatches: found 64; expected a divisor of pretrain.sgd.batch_size (32)",
    ),
    "a batch larger than the data": (
        set_key("pretrain.sgd.batch_size", 161),
        "pretrain.sgd.batch_size: found 161; expected at most data.train_images (160)",
    ),
    "batches of one image whose last maps have one pixel": (
        set_key("pretrain.sgd.batch_size", 1),
        "pretrain.sgd.batch_size: found 1; expected 2 and more, where data.size (8) leaves",
    ),
    "fine-tuning's batches of one image": (
        set_key("finetune.sgd.batch_size", 1),
        "finetune.sgd.batch_size: found 1; expected 2 and more, where data.size (8) leaves",
    ),
    "micro-batches of one image": (
        set_key("methods.gpipe.microbatches", 32),
        "methods.gpipe.microbatches: found 32 of one image each; expected 2 images and more",
    ),
    "calibration on one image": (
        set_key("pretrain.calibration_images", 1),
        "pretrain.calibration_images: found 1, in parts of 128 with a last one of 1; expected 2",
    ),
    "calibration whose last part is one image": (
        set_key("pretrain.calibration_images", 129),
        "pretrain.calibration_images: found 129, in parts of 128 with a last one of 1; expected",
    ),
    "more calibration images than there are": (
        set_key("pretrain.calibration_images", 161),
        "pretrain.calibration_images: found 161; expected at most data.train_images (160)",
    ),
    "an unknown study": (
        set_key("studies", ["tickets", "theorem"]),
        "expected some of tickets, theorem1, soda, diversity, did you mean 'theorem1'?",
    ),
    "an unknown method": (
        set_key("methods.localsgd", {"workers": [2]}),
        "methods.localsgd: unknown key, did you mean 'local_sgd'?",
    ),
    "an unknown cell": (
        set_key("finetune.early.cells", ["lotf-2"]),
        "finetune.early.cells: found 'lotf-2'; expected some of",
    ),
    "an unknown model": (
        set_key("models", [{"name": "preresnt18", "width": 4}]),
        "wideresnet34, did you mean 'preresnet18'?",
    ),
    "unknown data": (
        set_key("data.name", "cifar-10"),
        "imagenet, folder, did you mean 'cifar10'?",
    ),
    "an unknown criterion": (
        set_key("prune.criterion", "l_2"),
        "did you mean 'l2'?",
    ),
    "no dense column": (delete("methods.dense"), "methods.dense: missing"),
    "a run whose name is a path": (set_key("run", "../up"), "run: found '../up'"),
    "a rate that is no number": (
        set_key("pretrain.sgd.learning_rate", float("nan")),
        "pretrain.sgd.learning_rate: found nan",
    ),
    "an infinite rate": (
        set_key("pretrain.sgd.learning_rate", float("inf")),
        "pretrain.sgd.learning_rate: found inf",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_impossible_params(case: str, tiny: Values, tmp_path: Path, capsys: Capture) -> None:
    change, expected = IMPOSSIBLE[case]
    change(tiny)
    params = write_params(tmp_path / "x.yaml", tiny)
    line = said(capsys, 2, "check", "--params", params)
    assert line.startswith(f"{params}: ")
    assert expected in line


def picture_run(folder: Path, **changed: Any) -> Values:
    """A run on 30 images of three classes to train on."""
    data = pictures.settings(folder, **changed)
    run = {**copy.deepcopy(TINY), "data": data, "augment": pictures.AUGMENT}
    run["pretrain"]["calibration_images"] = 30
    for part in ("pretrain", "finetune"):
        run[part]["sgd"]["batch_size"] = 30
    return run


LACKING: dict[str, tuple[Callable[[Values], None], str]] = {
    "no folder of data": (
        set_key("data.data_dir", "/nowhere/at/all"),
        "data.data_dir: /nowhere/at/all/train: no such folder; expected a folder of images for",
    ),
    "no folder of a class": (
        set_key("data.test_folder", "train/ant"),
        "train/ant: found 10 images and no folder of a class",
    ),
    "a batch larger than the images found": (
        set_key("finetune.sgd.batch_size", 31),
        "finetune.sgd.batch_size: found 31; expected at most the 30 images to train on that were",
    ),
    "more calibration images than were found": (
        set_key("pretrain.calibration_images", 31),
        "pretrain.calibration_images: found 31; expected at most the 30 images to train on that",
    ),
    "more images set aside than were found": (
        set_key("data.test_images", 16),
        "data.test_images: found 16; expected at most 15",
    ),
    "a folder of images elsewhere": (
        set_key("data.train_folder", "../train"),
        "data.train_folder: found '../train'; expected a folder below data_dir",
    ),
}


@pytest.mark.parametrize("case", LACKING)
def test_data_that_a_run_lacks_are_known_before_it_starts(
    case: str, tmp_path: Path, capsys: Capture
) -> None:
    pictures.write_folder(tmp_path)
    values = picture_run(tmp_path)
    params = write_params(tmp_path / "x.yaml", values)
    assert main(["check", "--params", str(params)]) == 0
    assert "nothing wrong" in capsys.readouterr().out
    change, expected = LACKING[case]
    change(values)
    assert expected in said(capsys, 2, "check", "--params", write_params(params, values))


FILES: dict[str, tuple[bytes, str]] = {
    "not YAML": (b"run: [digits", "not readable as YAML: while parsing a flow sequence"),
    "a tab": (b"run:\n\tdigits", "not readable as YAML: while scanning for the next token"),
    "not text": (b"run: \xff\xfe", "not readable as YAML: 'utf-8' codec can't decode byte 0xff"),
    "empty": (b"", "expected keys and values, found NoneType"),
    "a list": (b"- run: digits", "expected keys and values, found list"),
    "a word": (b"digits", "expected keys and values, found str"),
    "a key twice": (b"run: a\nseeds: [0]\nrun: b", "line 3: found key 'run' twice; expected once"),
    "a key twice in a section": (b"data:\n  size: 1\n  size: 2", "line 3: found key 'size' twice"),
    "an object": (b"run: !!python/object/apply:os.getcwd []", "not readable as YAML: could not"),
    "a section in itself": (b"run: &a [*a]", "line 1: found a value inside itself, by an alias"),
}


@pytest.mark.parametrize("case", FILES)
def test_params_files_that_are_none(case: str, tmp_path: Path, capsys: Capture) -> None:
    content, expected = FILES[case]
    params = tmp_path / "x.yaml"
    params.write_bytes(content)
    line = said(capsys, 2, "check", "--params", params)
    assert line.startswith(f"{params}: ")
    assert expected in line


def test_a_params_file_that_is_missing(capsys: Capture) -> None:
    line = said(capsys, 2, "check", "--params", ROOT / "params" / "cifar1O.yaml")
    assert line.endswith(f"no such params file, did you mean '{ROOT}/params/cifar10.yaml'?")
    line = said(capsys, 2, "check", "--params", ROOT / "params")
    assert line == f"{ROOT}/params: found no regular file; expected a params file"


def test_snakemake_refuses_a_key_given_twice(tmp_path: Path) -> None:
    project = copy_to(tmp_path)
    params = write_params(project / "params" / "tiny.yaml", TINY)
    with params.open("a") as file:
        file.write("seeds: [1]\n")
    result = snakemake(project, "-n", "--configfile", "params/tiny.yaml")
    assert result.returncode == 1
    assert "found key 'seeds' twice; expected once" in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("{", "--settings: "),
        ("", "--settings: "),
        ("[]", "--settings: "),
        ('{"data": 4}', "--settings: data: found 4"),
        ('{"data": {"name": "digit"}}', "did you mean 'digits'?"),
        ('{"dada": {}}', "--settings: dada: unknown key, did you mean 'data'?"),
    ],
    ids=["cut off", "empty", "a list", "a number", "an unknown name", "a misspelt key"],
)
def test_settings_that_are_none(
    tmp_path: Path, capsys: Capture, settings: str, expected: str
) -> None:
    out = tmp_path / "images"
    assert expected in said(capsys, 2, "data", "--settings", settings, "--out", out)
    assert not out.exists()


def data(settings: Any, out: Path) -> list[object]:
    return ["data", "--settings", DataJob(data=settings).dump(), "--out", out]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("missing", ": no such folder, no cifar-10-python.tar.gz beside it and no mirror to"),
        ("truncated", "/data_batch_1: found MD5 "),
        ("another's", "/data_batch_1: found MD5 "),
        ("incomplete", "/data_batch_4: no such file and no mirror to download it from; expected"),
    ],
)
def test_cifar(tmp_path: Path, capsys: Capture, case: str, expected: str) -> None:
    folder = tmp_path / "cifar-10-batches-py"
    names = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta"]
    if case != "missing":
        folder.mkdir()
        for name in names[: 3 if case == "incomplete" else None]:
            content = pickle.dumps({"data": [1, 2, 3], "labels": [0]})
            (folder / name).write_bytes(content[:9] if case == "truncated" else content)
    settings = CifarData(
        name="cifar10",
        data_dir=str(tmp_path),
        mirrors=[],
        train_images=10,
        test_images=10,
        split_seed=0,
    )
    out = tmp_path / "images"
    line = said(capsys, 2, *data(settings, out))
    assert line.startswith(f"data.data_dir: {folder}{expected}")
    assert "original file" in line
    assert not out.exists()


LINES = b"+1 1:0.5\n-1 2:1\n"
LIBSVM: dict[str, tuple[str, bytes | None, str]] = {
    "missing": ("mine", None, "no such file; expected LIBSVM's file"),
    "truncated archive": ("mine.bz2", bz2.compress(LINES)[:-5], "expected a whole bz2 file"),
    "truncated line": ("mine", LINES + b"+1 1:", "line 3: found '1:'; expected a label and pairs"),
    "wrong checksum": ("madelon", LINES, "found SHA-256"),
    "empty": ("mine", b"\n", "found no samples"),
}


@pytest.mark.parametrize("case", LIBSVM)
def test_libsvm(tmp_path: Path, capsys: Capture, case: str) -> None:
    name, content, expected = LIBSVM[case]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    settings = LibsvmData(
        name="libsvm",
        dataset=name.removesuffix(".bz2"),
        data_dir=str(tmp_path),
        mirrors=[],
        positive=None,
    )
    job = SamplesJob(data=settings, normalisation="none")
    out = tmp_path / "out" / "samples.npz"
    line = said(capsys, 2, "soda-samples", "--settings", job.dump(), "--out", out)
    assert expected in line
    assert not out.parent.exists()


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a no image"])
def test_an_image_that_does_not_decode(tmp_path: Path, capsys: Capture, content: bytes) -> None:
    pictures.write_folder(tmp_path)
    run = Run.model_validate(
        {**TINY, "data": pictures.settings(tmp_path), "augment": pictures.AUGMENT}
    )
    for path in (tmp_path / "train").rglob("*.*"):
        path.write_bytes(content)
    out = tmp_path / "images"
    line = said(capsys, 2, *data(run.data, out))
    start = f"data.data_dir: {tmp_path}: 30 of 45 images cannot be used: train/Zebra/00.JPEG (found"
    assert line.startswith(start)
    assert "train/ant/02.jpeg" not in line  # of many the first ones
    assert ", and 20 more; expected whole images" in line
    assert not out.exists()


@pytest.fixture(scope="module")
def pretrained(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pretraining's last snapshot, untrained, and its tickets."""
    folder = tmp_path_factory.mktemp("pretraining")
    shape: dict[str, Any] = {"channels": 1, "size": 8, "classes": 10}
    about = {"model": {"name": "preresnet18", "width": 4}, "dataset": "digits", **shape}
    about |= {
        "cell": "loft-2",
        "seed": 0,
        "epoch": 2,
        "test_accuracy": None,
        "filters": {},
        **ORIGIN,
    }
    weights = build("preresnet18", 4, **shape, seed=0).state_dict()
    write_network(paths.snapshot(folder, 2), weights, about)
    prune.prune(folder, folder, 2, run.prune_job(), "l2")
    return folder


def half(path: Path, to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return to


def linked(source: Path, folder: Path) -> Path:
    """A copy of a folder whose files may be replaced."""
    for path in source.rglob("*.*"):
        if path.is_file():
            to = folder / path.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize("part", ["safetensors", "json"])
def test_a_ticket_cut_in_half(
    run: Run, images_file: Path, pretrained: Path, tmp_path: Path, capsys: Capture, part: str
) -> None:
    folder = linked(pretrained, tmp_path / "pretraining")
    ticket = paths.ticket(folder, 2, 0.8).with_suffix(f".{part}")
    half(paths.ticket(pretrained, 2, 0.8).with_suffix(f".{part}"), ticket)
    job = run.finetune_job("local_sgd-2", 0)
    given = ["--settings", job.dump(), "--data", images_file, "--pretrained", folder]
    given += ["--norms", tmp_path / "norms", "--metrics", tmp_path / "lines"]
    assert said(capsys, 2, "finetune", *given).startswith(f"{ticket}: expected ")
    assert [path.name for path in tmp_path.iterdir()] == ["pretraining"]


def test_a_snapshot_whose_json_is_damaged(
    pretrained: Path, tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "pretraining"
    linked(pretrained / "epoch2", folder / "epoch2")
    side = paths.snapshot(folder, 2).with_suffix(".json")
    before = {path for path in folder.rglob("*.json") if "prune" not in str(path)}
    assert before == {side}
    half(side, side)
    job = '{"epochs": [2], "ratios": [0.3], "criterion": "l2", "multiple": 1}'
    line = said(capsys, 2, "prune", "--settings", job, "--pretrained", folder)
    assert line.startswith(f"{side}: expected JSON; found: ")
    assert not paths.ticket(folder, 2, 0.3).parent.exists()


@pytest.mark.parametrize("step", ["pretrain", "finetune"])
def test_an_images_file_cut_in_half(
    run: Run, images_file: Path, pretrained: Path, tmp_path: Path, capsys: Capture, step: str
) -> None:
    images = half(images_file, tmp_path / "images.safetensors")
    given: list[object] = ["--data", images, "--metrics", tmp_path / "lines"]
    if step == "pretrain":
        job = run.pretrain_job("preresnet18", "loft-2", 0).dump()
        given += ["--settings", job, "--out", tmp_path / "out"]
    else:
        job = run.finetune_job("local_sgd-2", 0).dump()
        given += ["--settings", job, "--pretrained", pretrained, "--norms", tmp_path / "norms"]
    line = said(capsys, 2, step, *given)
    assert line.startswith(f"{images}: expected a whole safetensors file; found: ")
    assert [*tmp_path.iterdir()] == [images]


@pytest.fixture
def wrong_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Convolutions that are trained in float32 come out wrong."""
    right = torch.nn.Conv2d.forward

    def wrong(self: torch.nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
        y = right(self, x)
        return 1.5 * y if y.requires_grad and x.dtype == torch.float32 else y

    monkeypatch.setattr(torch.nn.Conv2d, "forward", wrong)


@pytest.mark.usefixtures("wrong_processor")
@pytest.mark.parametrize(
    "step", ["check", "check diversity", "pretrain", "finetune", "diversity-replication"]
)
def test_a_processor_that_computes_wrongly(
    run: Run, images_file: Path, pretrained: Path, tmp_path: Path, capsys: Capture, step: str
) -> None:
    lines, given = tmp_path / "lines", ["--data", images_file]
    if step.startswith("check"):
        values = TINY if step == "check" else DIVERSITY
        step, given = "check", ["--params", write_params(lines, values)]
    elif step == "pretrain":
        job = run.pretrain_job("preresnet18", "loft-2", 0).dump()
        given += ["--settings", job, "--out", tmp_path / "out", "--metrics", lines]
    elif step == "finetune":
        job = run.finetune_job("local_sgd-2", 0).dump()
        given += ["--settings", job, "--pretrained", pretrained, "--norms", tmp_path / "norms"]
        given += ["--metrics", lines]
    else:
        job = check(DIVERSITY, "tiny").replication_job("convnet").dump()
        given += ["--settings", job, "--metrics", lines]
    line = said(capsys, 2, step, *given)
    assert line.startswith("compute: found channels_last: ")
    assert " on 1x8x8 is off by 50 % of the largest number" in line
    assert {*tmp_path.iterdir()} <= {lines}


def mount(*arguments: object) -> bool:
    done = subprocess.run(
        ["mount", *map(str, arguments)], capture_output=True, check=False, timeout=30
    )
    return done.returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.getuid() != 0 or not mount("-t", "tmpfs", "-o", "size=4k", "none", folder):
        pytest.skip("no leave to mount a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


READ_ONLY = "cannot be written: Read-only file system"
FULL = "cannot be written: No space left on device"


def step_writing_to(
    disk: Path, step: str, run: Run, images: Path, pretrained: Path, other: Path
) -> list[object]:
    """A step whose first result goes to a disk, and what else it makes to another."""
    job = run.pretrain_job("preresnet18", "dense", 0)
    training = ["pretrain", "--settings", job.dump(), "--data", images]
    training += ["--metrics", other / "lines"]
    if step == "data":
        return data(run.data, disk / "images")
    if step == "pretrain":
        return [*training, "--out", disk / "out"]
    if step == "pretrain's work":
        return [*training, "--out", other / "out", "--work", disk / "work"]
    if step == "control":
        given = ["--settings", run.control_job("scratch").dump(), "--pretrained", pretrained]
        return ["control", *given, "--out", disk]
    if step == "finetune":
        tuning = run.finetune_job("local_sgd-2", 0).dump()
        given = ["--settings", tuning, "--data", images, "--pretrained", pretrained]
        return ["finetune", *given, "--norms", disk / "norms", "--metrics", other / "lines"]
    fit = json.dumps({"fit": {"confidence": 0.95, "resamples": 100}})
    lines = sorted((ROOT / "results/digits/theorem1/metrics").rglob("metrics.jsonl"))
    return ["theorem1-figures", "--settings", fit, "--metrics", *lines, "--out", disk]


@pytest.mark.parametrize(
    "step", ["data", "pretrain", "pretrain's work", "control", "finetune", "figures"]
)
@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_disk_that_cannot_be_written(
    run: Run,
    images_file: Path,
    pretrained: Path,
    disk: Path,
    tmp_path: Path,
    capsys: Capture,
    step: str,
    how: str,
) -> None:
    if how == "read-only":
        assert mount("-o", "remount,ro", disk)
    given = step_writing_to(disk, step, run, images_file, pretrained, tmp_path)
    found = main([str(argument) for argument in given])
    *progress, line = capsys.readouterr().err.splitlines()
    assert found == 1
    assert line.startswith(f"loft: {disk}")
    assert line.endswith(FULL if how == "full" else READ_ONLY)
    assert all("epoch" in text or "worker" in text for text in progress)
    left = [path for path in disk.rglob("*") if path.is_file() and path.name != "lock"]
    assert left == []
    assert not (tmp_path / "lines").exists()


def test_a_full_disk_is_said_by_the_launcher_of_several_workers(
    run: Run, images_file: Path, disk: Path, tmp_path: Path
) -> None:
    job = run.pretrain_job("preresnet18", "loft-2", 0).dump()
    given = ["--settings", job, "--data", str(images_file), "--out", str(disk)]
    result = loft("pretrain", *given, "--metrics", str(tmp_path / "lines"))
    assert result.returncode == 1
    assert result.stderr == f"loft: {disk}/epoch0/model.safetensors: {FULL}\n"
    assert not (tmp_path / "lines").exists()


def test_a_loss_that_is_no_number_keeps_the_last_good_snapshot(
    run: Run,
    images: Images,
    images_file: Path,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A good first epoch, a second with pixels that are no numbers; a second try ends likewise."""
    from loft.core.data.resident_images import ImageBatches

    good = ImageBatches.epoch

    def epoch(self: ImageBatches, seed: int, number: int, worker: int, start: int = 0) -> Any:
        for pixels, labels in good(self, seed, number, worker, start):
            yield pixels * (torch.nan if number == 2 else 1), labels

    monkeypatch.setattr(ImageBatches, "epoch", epoch)
    job, work = run.pretrain_job("preresnet18", "dense", 0), tmp_path / "work"
    given = ["pretrain", "--settings", job.dump(), "--data", str(images_file)]
    given += ["--out", str(tmp_path / "out"), "--metrics", str(tmp_path / "lines")]
    for _ in range(2):
        assert main([*given, "--work", str(work)]) == 1
        line = capsys.readouterr().err.splitlines()[-1]
        snapshot = paths.snapshot(work / "outputs", 1)
        expected = "loft: pretrain: the loss is nan in epoch 2; lower the learning rate; "
        assert line == f"{expected}the last good snapshot is {snapshot}"
        assert snapshot.exists()
        assert not paths.snapshot(work / "outputs", 2).exists()
        assert {path.name for path in tmp_path.iterdir()} == {"work"}


def test_weights_that_are_no_numbers_are_no_snapshot(
    run: Run, images_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    """One step an epoch at a huge rate: the loss is that of the weights before."""
    job = run.pretrain_job("preresnet18", "dense", 0)
    sgd = {**job.sgd.model_dump(), "learning_rate": 1e300, "batch_size": 160}
    hopeless = changed(job, sgd=sgd)
    given = ["--data", images_file, "--out", tmp_path / "out", "--metrics", tmp_path / "lines"]
    line = said(capsys, 1, "pretrain", "--settings", hopeless.dump(), *given)
    assert "weights are no numbers in epoch 1; lower the learning rate; the last good" in line
    assert not paths.snapshot(tmp_path / "out", 1).exists()
    assert not (tmp_path / "lines").exists()
