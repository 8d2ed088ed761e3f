"""The examples of `docs/extending.md`, taken as they stand into a copy of the project, and run."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loft.core.reporting.metrics import read
from tests.conftest import ROOT, TINY, write_params
from tests.project import copy_to, python, snakemake

EXAMPLE = re.compile(r"```python\n# (\S+?)(?:: (\w+))?\n(.*?)```", re.DOTALL)
BLOCKS = EXAMPLE.findall((ROOT / "docs" / "extending.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with every example in it, and a run that uses them all."""
    folder = copy_to(tmp_path_factory.mktemp("extended"))
    for name, table, text in BLOCKS:
        path = folder / name
        if not table:
            assert not path.exists()
            path.write_text(text, encoding="utf-8")
        else:
            before, start, after = path.read_text(encoding="utf-8").partition(f"\n{table} = {{\n")
            assert start
            path.write_text(before + start + text + after, encoding="utf-8")
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (100, 1, 8, 8), dtype=np.uint8)
    labels = np.arange(100) % 3
    np.savez(folder / "my.npz", train=images, train_labels=labels, test=images, test_labels=labels)
    write_params(folder / "params" / "new.yaml", settings())
    return folder


def settings() -> dict[str, Any]:
    early = {"cells": ["one_shot-2"], "ratios": [0.8]}
    data = {"name": "arrays", "data_dir": ".", "file": "my.npz", "dataset": "mine", "split_seed": 0}
    return {
        **TINY,
        "run": "new",
        "data": {**data, "train_images": 80, "test_images": 20},
        "models": [{"name": "swishnet18", "width": 4}],
        "pretrain": {**TINY["pretrain"], "epochs": 1},
        "methods": {"dense": {"workers": [1]}, "one_shot": {"workers": [2], "local_iterations": 1}},
        "prune": {"ratios": [0.8], "criterion": "median", "multiple": 1},
        "controls": [],
        "finetune": {**TINY["finetune"], "early": early},
    }


def test_there_is_an_example_of_each() -> None:
    assert [table for _, table, _ in BLOCKS if table] == [
        "NETWORKS",
        "SOURCES",
        "METHODS",
        "CRITERIA",
    ]
    assert len(BLOCKS) == 8


@pytest.mark.slow
def test_a_run_of_everything_new_is_made(extended: Path) -> None:
    """From the images to the table, whose bytes are those that the new method computes.

    It has rounds of its own: both steps of the epoch end one.
    """
    wanted = ["results/new/tickets/table1.csv", "--configfile", "params/new.yaml"]
    done = snakemake(extended, *wanted, "--cores", "2")
    assert done.returncode == 0, done.stderr[-4000:]
    header, *lines = (extended / wanted[0]).read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    (row,) = (row for row in rows if row["method"] == "one_shot")
    assert (row["model"], row["dataset"], row["workers"]) == ("swishnet18", "mine", "2")
    assert float(row["comm_gigabytes"]) > 0
    assert row["comm_gigabytes"] == row["comm_gigabytes_model"]
    metrics = extended / "results/new/tickets/metrics/swishnet18/one_shot-2/seed0"
    worker = next(line for line in read(metrics / "metrics.jsonl") if line["kind"] == "worker")
    a_round = 4 * worker["parameters"]  # bytes that a worker of two sends, and running statistics
    assert 2 * a_round < worker["bytes_sent"] < 3 * a_round
    tickets = read(metrics / "finetune" / "metrics.jsonl")
    assert {line["ratio"] for line in tickets if line["kind"] == "ticket"} == {0.8}


@pytest.mark.slow
def test_the_new_data_are_known_by_content(extended: Path) -> None:
    wanted = ["results/new/data/images.safetensors", "--configfile", "params/new.yaml"]
    done = snakemake(extended, *wanted, "--cores", "2")
    assert done.returncode == 0, done.stderr[-4000:]
    (extended / "my.npz").touch()
    assert "Nothing to be done" in (done := snakemake(extended, *wanted, "-n")).stdout + done.stderr
    images = np.zeros((100, 1, 8, 8), dtype=np.uint8)
    labels = np.arange(100) % 3
    arrays = {"train": images, "train_labels": labels, "test": images, "test_labels": labels}
    np.savez(extended / "my.npz", **arrays)  # type: ignore[arg-type]
    assert "my.npz is another" in snakemake(extended, *wanted, "-n").stderr


@pytest.mark.slow
def test_the_new_method_keeps_the_contract(extended: Path) -> None:
    for name in ("tests", "pyproject.toml"):
        if not (extended / name).exists():
            (extended / name).symlink_to(ROOT / name)
    chosen = "one_shot and not repeats"  # the graph above counted its bytes
    python(extended, "-m", "pytest", "-q", "tests/tickets/test_contract.py", "-k", chosen)
