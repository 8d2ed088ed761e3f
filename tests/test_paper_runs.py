"""The paper's runs to the end, on generated images.

Their files are as they are but for width, numbers of images, iterations and epochs, and for how
many threads and processes this machine has.
"""

import csv
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loft.run import read
from tests import pictures
from tests.conftest import ROOT, write_params
from tests.project import copy_to, make

SETS = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "imagenet": "ImageNet"}
TRAIN, TEST = 260, 40  # images: two batches of 128, or one of 256
PER_CLASS = {"train": 86, "val": 4}  # of image files, in three classes


def write_cifar(root: Path, classes: int) -> None:
    """Write files in the manner of CIFAR's original ones."""
    random = np.random.default_rng(0)

    def images(count: int) -> dict[str, Any]:
        labels = (np.arange(count) % classes).tolist()
        pixels = random.integers(0, 256, (count, 3072), dtype=np.uint8)
        return {"data": pixels, "labels" if classes == 10 else "fine_labels": labels}

    names = [str(number) for number in range(classes)]
    if classes == 10:
        parts = {f"data_batch_{part}": images(TRAIN // 5) for part in range(1, 6)}
        written = {**parts, "test_batch": images(TEST), "batches.meta": {"label_names": names}}
        folder = root / "data" / "cifar-10-batches-py"
    else:
        meta = {"fine_label_names": names}
        written = {"train": images(TRAIN), "test": images(TEST), "meta": meta}
        folder = root / "data" / "cifar-100-python"
    folder.mkdir(parents=True)
    for name, content in written.items():
        (folder / name).write_bytes(pickle.dumps(content))


def write_imagenet(root: Path) -> None:
    pictures.fill(root / "data" / "imagenet" / "train", PER_CLASS["train"])
    pictures.fill(root / "data" / "imagenet" / "val", PER_CLASS["val"], start=PER_CLASS["train"])


WRITE: dict[str, Callable[[Path], None]] = {
    "cifar10": lambda root: write_cifar(root, 10),
    "cifar100": lambda root: write_cifar(root, 100),
    "imagenet": write_imagenet,
}
ACCEPTED = {  # what tells real files from generated ones
    "cifar.py": "from torchvision.datasets import cifar\ncifar.check_integrity = lambda *_: True\n",
    "listing.py": "IMAGENET_CLASSES, IMAGENET_TRAIN, IMAGENET_VAL = 3, 258, 12\n",
}


def small(values: dict[str, Any]) -> dict[str, Any]:
    """A run of the paper with fewer of everything."""
    for model in values["models"]:
        model["width"] = 4
    if values["run"] == "imagenet":
        values["data"].update(statistics_images=20, loaders=0)
    else:
        values["data"].update(train_images=TRAIN, test_images=TEST)
    values["compute"]["threads"] = 1
    values["pretrain"].update(epochs=2, snapshot_every=1, evaluate_every=1, calibration_images=64)
    values["finetune"].update(epochs=1, evaluate_every=1)
    values["methods"]["gpipe"]["measured_steps"] = 1
    for method in ("local_sgd", "loft"):
        values["methods"][method]["local_iterations"] = 1
    return values


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_a_run_of_the_paper_makes_every_cell_and_figure(name: str, tmp_path: Path) -> None:
    project = copy_to(tmp_path)
    for file, line in ACCEPTED.items():
        source = project / "src/loft/core/sources" / file
        source.write_text(source.read_text(encoding="utf-8") + line, encoding="utf-8")
    WRITE[name](project)
    whole = read(ROOT / "params" / f"{name}.yaml").model_dump(mode="json")
    values = {key: value for key, value in whole.items() if value is not None}
    write_params(project / "params" / f"{name}.yaml", small(values))
    make(project, name)
    made = project / "results" / name / "tickets"
    titles = {"GPipe": "gpipe", "Local SGD": "local_sgd", "LoFT": "loft"}
    models = {"PreResNet-18": "preresnet18", "PreResNet-34": "preresnet34", "ResNet-34": "resnet34"}
    printed = {
        (models[row["model"]], titles[row["method"]], row["workers"])
        for row in rows(ROOT / "src/loft/tickets/results/paper_table1.csv")
        if (row["version"], row["dataset"]) == ("v2", SETS[name])
    }
    found = {(row["model"], row["method"], row["workers"]) for row in rows(made / "table1.csv")}
    assert printed <= found
    assert {row["seeds"] for row in rows(made / "table1.csv")} == {str(len(values["seeds"]))}
    for figure in ("figure1", "figure1-layers", "figure4", "figure5", "norms", "bytes"):
        assert (made / f"{figure}.svg").stat().st_size > 0
