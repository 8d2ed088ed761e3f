"""Outputs that came with a copy of the project, without Snakemake's records, are made anew."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TINY, write_params
from tests.project import copy_to, snakemake

IMAGES = "results/tiny/data/images.safetensors"
PARAMS = "params/tiny.yaml"
TRAINING = {"pretrain", "measured", "unpruned", "finetune"}
REPORTING = {"distance", "table", "figures", "comm", "record_params"}


def plan(folder: Path, *arguments: str, params: str = PARAMS) -> str:
    """What snakemake says that it would do."""
    given = [*arguments, f"--configfile={params}", "-n", "--quiet", "host"]
    done = snakemake(folder, *given)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def rules(said: str) -> set[str]:
    return {*re.findall(r"^rule (\w+):", said, re.M)}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with all that a run makes, as a download has it: all files of one time stamp."""
    folder = copy_to(tmp_path_factory.mktemp("copied"))
    write_params(folder / PARAMS, TINY)
    outputs = re.findall(r"^    output: (.*)", plan(folder), re.M)
    for path in (folder / name for line in outputs for name in line.split(", ")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("made elsewhere")
    for path in folder.rglob("*"):
        os.utime(path, (1.7e9, 1.7e9))
    return folder


def test_what_a_copy_brought_is_made_anew(copied: Path) -> None:
    said = plan(copied)
    assert rules(said) == {"data", "prune", "control", *TRAINING, *REPORTING, "all"}
    assert "came with this folder and were not made in it" in said
    assert rules(plan(copied, "comm")) == {"comm"}  # no more than what is asked for


def test_time_stamps_decide_where_they_are_asked_to(copied: Path) -> None:
    assert rules(plan(copied, "--rerun-triggers=mtime")) == set()


def test_what_has_a_record_stays_and_is_known_by_its_settings(
    copied: Path, tiny: dict[str, Any]
) -> None:
    """As after a run that was interrupted. Touching is Snakemake's way to say that all is well."""
    touch = ["--touch", "--cores=1", f"--configfile={PARAMS}"]
    assert snakemake(copied, IMAGES, "comm", *touch).returncode == 0
    assert rules(plan(copied)) == {"prune", "control", *TRAINING, *REPORTING, "all"} - {"comm"}
    assert "came with this folder" not in plan(copied, IMAGES)
    tiny["data"]["split_seed"] = 1
    write_params(copied / "params" / "other.yaml", tiny)
    assert rules(plan(copied, IMAGES, params="params/other.yaml")) == {"data"}
