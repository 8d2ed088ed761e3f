"""Whatever is valid survives its way through JSON, on which steps are told it, and YAML."""

from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loft import run as runs
from loft.core.data.sources import DataJob
from loft.core.settings.params_file import read_yaml
from loft.soda.run import optimum_job, processes_job, report_job, samples_job, simulate_job
from tests.conftest import ROOT, TINY

RATES = st.floats(1e-6, 10)
SHARES = st.floats(0.01, 0.99)


def sgd() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "learning_rate": RATES,
            "momentum": st.floats(0, 0.99),
            "nesterov": st.booleans(),
            "weight_decay": st.floats(0, 0.1),
            "batch_size": st.sampled_from([32, 64]),
        }
    )


@st.composite
def run_values(draw: st.DrawFn) -> dict[str, Any]:
    """A params file of the tickets study."""
    epochs = draw(st.integers(1, 200))
    ratios = draw(st.lists(SHARES, min_size=1, max_size=4, unique=True))
    width = draw(st.integers(2, 64))
    model = draw(
        st.sampled_from(
            [
                {"name": "preresnet18", "width": width},
                {"name": "resnet34", "width": width},
                {"name": "wideresnet18", "width": width, "widening": 2},
            ]
        )
    )
    loft: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {
                "workers": st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True),
                "local_iterations": st.integers(1, 100),
                "batch_norm": st.sampled_from(["recalibrate", "average", "carry"]),
                "aggregation": st.sampled_from(["star", "direct"]),
                "momentum": st.sampled_from(["reset", "carry"]),
                "branch_scale": st.sampled_from(["one", "inverse_workers"]),
            }
        )
    )
    gpipe = {"workers": [2, 4], "microbatches": draw(st.sampled_from([1, 2, 4, 8, 16]))}
    cells = [f"loft-{workers}" for workers in loft["workers"]]
    return {
        **TINY,
        "seeds": draw(st.lists(st.integers(0, 2**40), min_size=1, max_size=3, unique=True)),
        "models": [model],
        "pretrain": {
            "epochs": epochs,
            "snapshot_every": draw(st.integers(1, epochs)),
            "evaluate_every": draw(st.integers(1, 500)),
            "calibration_images": draw(st.integers(2, 128)),  # no part of one image
            "sgd": draw(sgd()),
        },
        "methods": {
            "dense": {"workers": [1]},
            "gpipe": {**gpipe, "measured_steps": draw(st.integers(1, 9))},
            "loft": loft,
        },
        "prune": {
            "ratios": ratios,
            "criterion": draw(st.sampled_from(["l2", "random"])),
            "multiple": draw(st.integers(1, width)),
        },
        "finetune": {
            "epochs": draw(st.integers(1, 300)),
            "evaluate_every": draw(st.integers(1, 500)),
            "sgd": draw(sgd()),
            "early": {"cells": cells, "ratios": ratios[:1]},
        },
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(run_values())
def test_a_run_and_its_jobs_come_back(values: dict[str, Any]) -> None:
    run = runs.check(values, "here")
    again = runs.check(yaml.safe_load(yaml.safe_dump(values)), "here")
    assert again == run
    cells = [*(cell.name for cell in run.cells), "unpruned"]
    jobs = [run.pretrain_job(run.models[0].name, cell, run.seeds[0]) for cell in cells]
    jobs += [run.finetune_job(cell, run.seeds[0]) for cell in [*run.trained, *run.controls]]
    jobs += [run.control_job(control) for control in run.controls]
    jobs += [run.prune_job(), run.distance, run.table_job(), run.figures_job()]
    jobs.append(DataJob(data=run.data))
    for job in jobs:
        back = type(job).parse(job.dump())
        assert back == job
        assert back.dump() == job.dump()
    assert run.snapshots[-1] == run.pretrain.epochs
    assert all(ticket.snapshot in run.snapshots for ticket in run.tickets("dense"))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    workers=st.integers(1, 50),
    probabilities=st.lists(SHARES, max_size=5, unique_by=lambda p: f"{p:g}"),
    step=st.none() | st.floats(1e-6, 10),
    penalty=st.floats(1e-12, 1),
)
def test_the_jobs_of_soda_come_back(
    seed: int, workers: int, probabilities: list[float], step: float | None, penalty: float
) -> None:
    values = read_yaml(ROOT / "params" / "libsvm.yaml")
    soda = values["soda"]
    problem = {**soda["problems"][0], "gamma": step, "lambda_1": penalty}
    plan = {"probabilities": [1.0, *probabilities], "curves": probabilities[:2]}
    problem["simulate"] = {**problem["simulate"], **plan}
    sections = {"seed": seed, "workers": workers, "problems": [problem, *soda["problems"][1:]]}
    run = runs.check({**values, "soda": {**soda, **sections}}, "here").soda
    jobs = [processes_job(run, run.processes), report_job(run)]
    for each in run.problems:
        jobs += [samples_job(each), optimum_job(run, each)]
        if each.simulate is not None:
            jobs += [simulate_job(run, each, f"{p:g}") for p in each.simulate.probabilities]
    for job in jobs:
        assert type(job).parse(job.dump()) == job


def test_every_params_file_comes_back_through_yaml(tmp_path: Path) -> None:
    for path in sorted((ROOT / "params").glob("*.yaml")):
        run = runs.read(path)
        again = tmp_path / path.name
        again.write_text(yaml.safe_dump(read_yaml(path)), encoding="utf-8")
        assert runs.read(again) == run
