"""Run this study's whole graph at the smallest size."""

import csv
from pathlib import Path

import pytest

from loft import run as runs
from loft.diversity.steps.tables import render
from tests.conftest import write_params
from tests.diversity.runs import TINY
from tests.project import copy_to, make, snakemake

FIGURES = ["figure1", "figure2", "figure3"]


@pytest.mark.slow
def test_a_run_of_this_study_alone_is_made_from_nothing(tmp_path: Path) -> None:
    folder = copy_to(tmp_path)
    params = write_params(folder / "params" / "tiny.yaml", TINY)
    make(folder, "tiny")
    made = folder / "results" / "tiny" / "diversity"
    for name in FIGURES:
        assert b"<svg" in (made / f"{name}.svg").read_bytes()[:1000]
        assert (made / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    job = runs.read(params).diversity_report()
    metrics = sorted(made.rglob("metrics.jsonl"))
    for name, text in render(job, metrics).items():
        assert (made / name).read_text(encoding="utf-8") == text
    with (made / "replication.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = "model,replication,mechanism,loss_ratio,low,high,samples,finding"
    assert ",".join(rows[0]) == columns
    assert {row["mechanism"] for row in rows} == {"none", "dropconnect", "sgld", "qsgd"}
    for row in rows:
        assert float(row["low"]) <= float(row["loss_ratio"]) <= float(row["high"])
        assert row["samples"] == "2"
    again = snakemake(folder, "-n", "diversity", "--configfile", "params/tiny.yaml")
    assert "Nothing to be done" in again.stdout + again.stderr
