"""A run that is published is fetched by a clone, where nothing is left to be done.

The run is a small one that takes the default run's place in a copy of the project; the copy is a
git repository with DVC's remote inside, as the project is.
"""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from tests.conftest import GRAPH, ROOT, TINY, write_params
from tests.core.artifacts.toy import flip as break_bit
from tests.project import make, snakemake

PARAMS = "params/tiny.yaml"
DVC = (".dvc/.gitignore", ".dvc/config", ".dvcignore", ".gitignore", "dvc.yaml")

LARGER = {  # another run, not the default one
    **TINY,
    "run": "larger",
    "methods": {"dense": {"workers": [1]}},
    "controls": [],
    "finetune": {**TINY["finetune"], "early": {"cells": [], "ratios": []}},
}


def call(folder: Path, *command: str, status: int = 0) -> str:
    """Run a module or git in a folder, with that folder's code; return what it said."""
    known = [sys.executable, "-m"] if command[0] != "git" else []
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    done = subprocess.run(
        [*known, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def save(folder: Path, what: str) -> None:
    call(folder, "git", "add", "--all")
    call(folder, "git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", what)


@pytest.fixture(scope="module")
def published(project: Path, made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose default run is made and published."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(project, folder, dirs_exist_ok=True, symlinks=True)
    (folder / ".dvc").mkdir()
    for name in DVC:
        shutil.copy(ROOT / name, folder / name)
    for path in (folder / "params").iterdir():
        path.unlink()
    write_params(folder / PARAMS, GRAPH)
    stage = (folder / "dvc.yaml").read_text(encoding="utf-8")
    (folder / "dvc.yaml").write_text(stage.replace("digits", "tiny"), encoding="utf-8")
    call(folder, "git", "init", "-q")
    save(folder, "The project")
    table = folder / "results" / "tiny" / "tickets" / "table1.csv"
    text = table.read_bytes()
    table.unlink()
    assert "not all of it is made" in call(folder, "loft", "publish", status=2)
    table.write_bytes(text)
    said = call(folder, "loft", "publish")
    assert said == "stored; to be committed: dvc.lock artifacts results/tiny\n"
    save(folder, "The run")
    return folder


def clone(project: Path, folder: Path) -> Path:
    call(project, "git", "clone", "-q", ".", str(folder))
    return folder


def scatter_times(folder: Path, seed: int) -> None:
    """Give every file another time stamp, in no order."""
    chance = random.Random(seed)
    for path in [*folder.glob("results/**/*"), *folder.glob("src/**/*.py")]:
        when = chance.uniform(1e9, 1.7e9)
        os.utime(path, (when, when))


def planned(folder: Path) -> set[str]:
    """The rules that snakemake would run."""
    done = snakemake(folder, "-n", "--quiet", "host", "--configfile", PARAMS)
    text = done.stdout + done.stderr
    assert done.returncode == 0, text
    return {line.split()[1].rstrip(":") for line in text.splitlines() if line.startswith("rule ")}


def flip(folder: Path) -> None:
    path = folder / PARAMS
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    values["finetune"]["sgd"]["learning_rate"] = 0.01
    write_params(path, values)


@pytest.mark.parametrize(
    "clones",
    [pytest.param([0], id="1"), pytest.param(range(1, 10), id="9", marks=pytest.mark.slow)],
)
def test_a_restored_clone_has_nothing_to_do(
    published: Path, tmp_path: Path, clones: Sequence[int]
) -> None:
    for number in clones:
        folder = clone(published, tmp_path / str(number))
        assert call(folder, "loft", "restore") == "run 'tiny' is restored\n"
        scatter_times(folder, number)
        assert planned(folder) == set()
        flip(folder)
        assert planned(folder) == {"finetune", "table", "figures", "record_params", "all"}


@pytest.mark.slow
def test_code_and_inputs_that_change_rerun_what_depends_on_them(
    published: Path, tmp_path: Path
) -> None:
    folder = clone(published, tmp_path / "clone")
    call(folder, "loft", "restore")
    pruning = folder / "src" / "loft" / "tickets" / "pruning.py"
    before = pruning.read_text(encoding="utf-8")
    pruning.write_text(f"{before}# another line\n", encoding="utf-8")
    after = {"prune", "control", "finetune", "table", "figures", "all"}
    assert planned(folder) == {*after, "distance"}  # whose masks are those of pruning
    pruning.write_text(before, encoding="utf-8")
    assert planned(folder) == set()
    snapshot = next(
        folder.glob("results/tiny/tickets/preresnet18/dense/seed0/epoch2/*.safetensors")
    )
    snapshot.write_bytes(snapshot.read_bytes() + b"x")
    assert planned(folder) == after


@pytest.mark.slow
def test_dvc_answers_sensibly(published: Path, tmp_path: Path) -> None:
    folder = clone(published, tmp_path / "clone")
    call(folder, "dvc", "pull")
    assert planned(folder) == set()  # `loft restore` is needed for other runs only
    assert "up to date" in call(folder, "dvc", "status")
    assert "didn't change, skipping" in call(folder, "dvc", "repro")
    assert "results/tiny/metrics.json" in call(folder, "dvc", "metrics", "show")
    flip(folder)
    assert "finetune.sgd.learning_rate" in call(folder, "dvc", "params", "diff")
    assert PARAMS in call(folder, "dvc", "status")
    reader = clone(published, tmp_path / "reader")
    stored = max((reader / "artifacts").rglob("*"), key=lambda path: path.stat().st_size)
    break_bit(stored)
    assert "Checkout failed" in call(reader, "dvc", "pull", status=1)


def test_what_was_made_here_is_not_lost(published: Path, tmp_path: Path) -> None:
    """Another run's records stay; a file that differs stays too, unless it is to be replaced."""
    folder = clone(published, tmp_path / "clone")
    here = folder / ".snakemake" / "metadata" / "cmVzdWx0cy9vdGhlcg=="
    here.parent.mkdir(parents=True)
    here.write_text("{}", encoding="utf-8")
    images = folder / "results" / "tiny" / "data" / "images.safetensors"
    images.parent.mkdir(parents=True)
    images.write_bytes(b"mine")
    said = call(folder, "loft", "restore", status=2)
    assert said.startswith(
        "loft: results/tiny/data/images.safetensors: differs from what is stored"
    )
    assert said.count("\n") == 1
    assert images.read_bytes() == b"mine"
    assert [path.name for path in here.parent.iterdir()] == [here.name]
    call(folder, "loft", "restore", "--force")
    assert images.read_bytes() != b"mine"
    assert here.read_text(encoding="utf-8") == "{}"
    assert planned(folder) == set()


@pytest.mark.slow
def test_another_run_goes_to_a_remote_of_its_own(published: Path, tmp_path: Path) -> None:
    author = clone(published, tmp_path / "author")
    write_params(author / "params" / "larger.yaml", LARGER)
    make(author, "larger")
    assert "needs --remote NAME" in call(author, "loft", "publish", "--run", "larger", status=2)
    call(author, "dvc", "remote", "add", "shared", str(tmp_path / "shared"))
    call(author, "loft", "publish", "--run", "larger", "--remote", "shared")
    save(author, "A larger run")
    reader = clone(author, tmp_path / "reader")
    call(reader, "loft", "restore", "--run", "larger")
    scatter_times(reader, 0)
    done = snakemake(reader, "-n", "--configfile", "params/larger.yaml")
    assert "Nothing to be done" in done.stdout + done.stderr
    assert not (reader / "results" / "tiny" / "data").exists()


def test_a_run_that_is_not_there_is_one_line(published: Path, tmp_path: Path) -> None:
    said = call(published, "loft", "restore", "--run", "tinny", status=2)
    assert said == "loft: --run: found 'tinny'; expected one of tiny\n"
    (tmp_path / "src").symlink_to(ROOT / "src")
    assert call(tmp_path, "loft", "restore", status=2).startswith("loft: no dvc.yaml here")
    (published / ".snakemake" / "locks").mkdir(exist_ok=True)
    lock = published / ".snakemake" / "locks" / "0.input.lock"
    lock.write_text("", encoding="utf-8")
    for step in ("restore", "publish"):
        assert "snakemake is at work" in call(published, "loft", step, status=2)
    lock.unlink()
