"""Run this study's whole graph at the smallest size."""

from pathlib import Path
from typing import Any

import pytest

from loft import run as runs
from loft.core.reporting.metrics import read
from loft.soda.run import report_job
from loft.soda.steps import compare
from loft.soda.steps.tables import render
from tests.conftest import write_params
from tests.project import copy_to, make, snakemake
from tests.soda.problems import CLUSTERS

PROBLEM: dict[str, Any] = {
    "name": "clusters",
    "data": CLUSTERS.model_dump(),
    "stands_for": "madelon",
    "normalisation": "standardise",
    "lambda_1": 0.03,
    "lambda_2": 0.05,
    "gamma": None,
    "figures": [2],
    "simulate": {
        "probabilities": [1.0, 0.1],
        "curves": [1.0],
        "repetitions": 2,
        "target": 1e-12,
        "epochs": 4000,
        "measure_every": 10,
    },
}
TINY: dict[str, Any] = {
    "run": "tiny",
    "studies": ["soda"],
    "soda": {
        "seed": 0,
        "workers": 3,
        "kkt_tolerance": 1e-14,
        "restart_patience": 40,
        "curve_points": 20,
        "network": {"latency": 1e-4, "bandwidth": 1e8, "compute": 1e-9, "spread": 2.0},
        "problems": [
            PROBLEM,
            {**PROBLEM, "name": "none", "normalisation": "none", "figures": [], "simulate": None},
        ],
        "processes": {
            "problem": "clusters",
            "workers": 2,
            "p": 0.1,
            "target": 1e-12,
            "epochs": 4000,
            "measure_every": 10,
        },
        "tickets_table": None,
    },
}


@pytest.mark.slow
def test_a_run_of_this_study_alone_is_made_from_nothing(tmp_path: Path) -> None:
    folder = copy_to(tmp_path)
    params = write_params(folder / "params" / "tiny.yaml", TINY)
    make(folder, "tiny")
    made = folder / "results" / "tiny" / "soda"
    for number in (1, 2, 3):
        assert b"<svg" in (made / f"figure{number}.svg").read_bytes()[:1000]
        assert (made / f"figure{number}.png").read_bytes().startswith(b"\x89PNG")
    job = report_job(runs.read(params).soda)
    metrics = sorted(made.rglob("metrics.jsonl"))
    assert len(metrics) == 2 + 2 + 1
    for name, text in render(job, [read(path) for path in metrics]).items():
        assert (made / name).read_text(encoding="utf-8") == text
    for name, text in compare.render(job, metrics, None).items():
        assert (made / name).read_text(encoding="utf-8") == text
    again = snakemake(folder, "-n", "soda", "--configfile", "params/tiny.yaml")
    assert "Nothing to be done" in again.stdout + again.stderr


@pytest.mark.parametrize("p", ["0.0", "2.0"])
def test_an_impossible_probability_stops_the_graph(tmp_path: Path, p: str) -> None:
    folder = copy_to(tmp_path)
    plan = {**PROBLEM["simulate"], "probabilities": [1.0, float(p)]}
    soda = {**TINY["soda"], "problems": [{**PROBLEM, "simulate": plan}]}
    write_params(folder / "params" / "tiny.yaml", {**TINY, "soda": soda})
    result = snakemake(folder, "-n", "--configfile", "params/tiny.yaml")
    assert result.returncode != 0
    assert f"soda.problems.0.simulate.probabilities.1: found {p}" in result.stdout + result.stderr
