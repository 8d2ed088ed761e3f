"""Follow `docs/extending.md` in a copy of the project: add every example, and run it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loft.core.reporting.metrics import read
from loft.tickets.pruning.job import DistanceJob
from tests.conftest import ROOT, TINY, write_params
from tests.project import copy_to, python, snakemake

PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(
    r"```python\n# (?P<file>\S+?)"
    r'(?:: (?:after "(?P<line>[^\n]+)"|(?P<table>\w+)))?\n'
    r"(?P<text>.*?)```",
    re.DOTALL,
)
EXAMPLES = [found.groupdict() for found in EXAMPLE.finditer(PAGE)]
PART = "left_out"  # the key of the partition that leaves filters out


def add(folder: Path, example: dict[str, str]) -> None:
    """Write an example's file, or add its lines to a file, as the page says."""
    path, text = folder / example["file"], example["text"]
    if example["table"] or example["line"]:
        wanted = f"\n{example['table']} = {{\n" if example["table"] else example["line"]
        before, start, after = path.read_text(encoding="utf-8").partition(wanted)
        assert start
        assert wanted not in after
        rest = "" if example["table"] else after[: after.index("\n") + 1]
        text = before + start + rest + text + after[len(rest) :]
    else:
        assert not path.exists()
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with every example in it, and a run that uses them all."""
    folder = copy_to(tmp_path_factory.mktemp("extended"))
    for example in EXAMPLES:
        add(folder, example)
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (100, 1, 8, 8), dtype=np.uint8)
    labels = np.arange(100) % 3
    np.savez(folder / "my.npz", train=images, train_labels=labels, test=images, test_labels=labels)
    write_params(folder / "params" / "new.yaml", settings())
    return folder


def settings() -> dict[str, Any]:
    early = {"cells": ["one_shot-2"], "ratios": [0.8]}
    data = {"name": "arrays", "data_dir": ".", "file": "my.npz", "dataset": "mine"}
    return {
        **TINY,
        "run": "new",
        "data": {**data, "train_images": 80, "test_images": 20},
        "models": [{"name": "swishnet18", "width": 4}],
        "pretrain": {**TINY["pretrain"], "epochs": 1},
        "methods": {
            "dense": {"workers": [1]},
            "one_shot": {"workers": [2], "local_iterations": 1},
            "part_loft": {"workers": [2], "local_iterations": 1, PART: 2},
        },
        "prune": {"ratios": [0.8], "criterion": "median", "multiple": 1},
        "controls": [],
        "finetune": {**TINY["finetune"], "early": early},
        "distance": {**TINY["distance"], "relative": False},
    }


def test_every_section_has_an_example() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    assert [section.partition("\n")[0] for section in sections] == [
        "A network",
        "A data set of images in memory",
        "A method with options and rounds of its own",
        "A partition that is no partition",
        "A pruning criterion",
        "A table",
        "A figure",
        "A key",
    ]
    found = [[*EXAMPLE.finditer(section)] for section in sections]
    assert [len(examples) for examples in found] == [2, 2, 2, 2, 2, 1, 1, 2]
    assert sum(map(len, found)) == PAGE.count("```python")


def test_every_new_file_passes_the_linter_and_the_formatter(extended: Path) -> None:
    new = [example["file"] for example in EXAMPLES if not (example["table"] or example["line"])]
    assert len(new) == 7
    ruff = [str(Path(sys.executable).with_name("ruff")), "--config", str(ROOT / "pyproject.toml")]
    for command in (["check", "--quiet", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = subprocess.run(
            [ruff[0], *command, *ruff[1:], *new],
            cwd=extended,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


UNITS = """
import torch
from loft.core.data.sources import prepare
from loft.models.build import build
from loft.run import read
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PROTOCOL
from loft.tickets.methods.filter_sets import count
from loft.tickets.network.blocks import partitioned
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.network.criteria import criterion
from pathlib import Path

run = read(Path("params/new.yaml"))
images = prepare(run.data, loaders=0)
assert (images.dataset, images.train.shape, images.classes) == ("mine", (80, 1, 8, 8), 3)
network = build("swishnet18", 4, channels=1, size=8, classes=3)
blocks = partitioned(network)
assert {*blocks} == {"layer2.1", "layer3.1", "layer4.1"}

one_shot = run.pretrain_job("swishnet18", "one_shot-2", 0)
assert one_shot.options.count_rounds(1, 2) == 2
entry = ledger_entry(one_shot, 1, 8, 3, iterations=2)
numbers = sum(t.numel() for n, t in network.state_dict().items() if "num_batches" not in n)
assert ledger.total_bytes(entry, PROTOCOL) == 4 * 2 * numbers * 2

part = run.pretrain_job("swishnet18", "part_loft-2", 0).options
drawn = [part.partition(0, t, blocks, 2) for t in range(20)]
for t, (first, second) in enumerate(drawn):
    assert count(first) == count(second) == sum(blocks.values()) // 2 - 2 * len(blocks)
    for path in blocks:
        both = torch.cat([first[path], second[path]])
        assert len(both.unique()) == len(both) == blocks[path] - 4
        assert torch.equal(first[path].sort().values, first[path])
        assert part.shares(network, 2)[0].filters[path] == len(first[path])
for path, filters in blocks.items():  # every filter is trained in some round
    ever = {int(kept) for workers in drawn for own in workers for kept in own[path]}
    assert ever == {*range(filters)}

weight = torch.tensor([0.0, 1.0, 5.0]).reshape(3, 1, 1, 1)
assert criterion("median")(weight).tolist() == [6.0, 5.0, 9.0]
print(run.distance.dump())
print(run.distance.model_copy(update={"relative": True}).dump())
"""


def test_the_new_parts_do_what_their_sections_say(extended: Path) -> None:
    """And a key's `neutral` value leaves the settings of jobs as they were."""
    given, neutral = python(extended, "-c", UNITS).splitlines()
    assert '"relative":false' in given.replace(" ", "")
    assert neutral == DistanceJob(**TINY["distance"]).dump()


DRAW = """
from pathlib import Path
from loft.core.reporting.registry import Materials
from loft.tickets.report.items import FIGURES, MEASURED

lines = [
    {"kind": "job", "model": {"name": "swishnet18"}, "cell": "part_loft-2", "seed": 0},
    {"kind": "worker", "rank": 0, "parameters": 30},
    {"kind": "worker", "rank": 1, "parameters": 20},
]
column = [{**lines[0], "cell": "unpruned"}, {**lines[1], "parameters": 40}]
materials = Materials({"jobs": [lines, column]}, MEASURED)
print(materials.table("worker_sizes").to_csv(index=False))
(figure,) = [item for item in FIGURES if item.key == "worker_sizes"]
materials.call(figure, "draw", [Path(path) for path in figure.files(".")])
"""


def test_the_new_table_and_figure_are_made(extended: Path) -> None:
    header, *rows = python(extended, "-c", DRAW).split()
    assert header == "model,cell,seed,rank,parameters"
    assert rows == [
        "swishnet18,part_loft-2,0,0,30",
        "swishnet18,part_loft-2,0,1,20",
        "swishnet18,unpruned,0,0,40",
    ]
    assert "Part of LoFT-2" in (extended / "worker-sizes.svg").read_text(encoding="utf-8")


def test_the_graph_plans_everything_new(extended: Path) -> None:
    wanted = ["results/new/tickets/worker-sizes.png", "results/new/tickets/table1.csv"]
    given = ["-n", "--quiet", "host", "--configfile", "params/new.yaml"]
    done = snakemake(extended, *wanted, *given)
    assert done.returncode == 0, done.stderr[-4000:]
    jobs = (done.stdout + done.stderr).split("\nrule ")
    (table,) = (job for job in jobs if job.startswith("table:"))
    (figures,) = (job for job in jobs if job.startswith("figures:"))
    assert "results/new/tickets/worker-sizes.csv" in table
    assert "src/loft/tickets/report/figures/worker_sizes.py" in figures
    pretrained = "".join(job for job in jobs if job.startswith("pretrain:"))
    for method in ("one_shot", "part_loft"):
        assert pretrained.count(f"src/loft/tickets/methods/{method}.py") == 1
        snapshot = f"results/new/tickets/swishnet18/{method}-2/seed0/epoch1/model.safetensors"
        assert snapshot in pretrained


@pytest.mark.slow
def test_a_run_of_everything_new_is_made(extended: Path) -> None:
    """From the images to the figures, with bytes that are those that the new methods compute.

    They have rounds of their own: both steps of the epoch end one.
    """
    tickets = extended / "results/new/tickets"
    wanted = ["results/new/tickets/worker-sizes.svg", "--configfile", "params/new.yaml"]
    done = snakemake(extended, *wanted, "--cores", "2")
    assert done.returncode == 0, done.stderr[-4000:]
    header, *lines = (tickets / "table1.csv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    for method in ("one_shot", "part_loft"):
        (row,) = (row for row in rows if row["method"] == method)
        assert (row["model"], row["dataset"], row["workers"]) == ("swishnet18", "mine", "2")
        assert float(row["comm_gigabytes"]) > 0
        assert row["comm_gigabytes"] == row["comm_gigabytes_model"]
    metrics = tickets / "metrics/swishnet18/one_shot-2/seed0"
    worker = next(line for line in read(metrics / "metrics.jsonl") if line["kind"] == "worker")
    a_round = 4 * worker["parameters"]  # bytes that a worker of two sends, and running statistics
    assert 2 * a_round < worker["bytes_sent"] < 3 * a_round
    found = read(metrics / "finetune" / "metrics.jsonl")
    assert {line["ratio"] for line in found if line["kind"] == "ticket"} == {0.8}
    sizes = (tickets / "worker-sizes.csv").read_text(encoding="utf-8")
    assert "swishnet18,part_loft-2,0,1," in sizes
    assert "Part of LoFT-2" in (tickets / "worker-sizes.svg").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_new_key_is_used(extended: Path) -> None:
    """With one epoch the distance to the next epoch is the distance to the last."""
    path = "results/new/tickets/metrics/distances/metrics.jsonl"
    done = snakemake(extended, path, "--configfile", "params/new.yaml", "--cores", "2")
    assert done.returncode == 0, done.stderr[-4000:]
    lines = [line for line in read(extended / path) if line.get("cell") == "dense"]
    (last,) = (line for line in lines if line["kind"] == "distance" and line["norm"] == "l2")
    (following,) = (line for line in lines if line.get("of") == "filters")
    assert following["distances"] == [last["mean"][0]]


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
