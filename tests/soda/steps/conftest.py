"""A small problem's samples and minimiser, made by the steps themselves."""

from pathlib import Path

import pytest

from loft import run as runs
from loft.soda.run import optimum_job, problem_of, samples_job
from loft.soda.settings import SodaSettings
from loft.soda.steps import optimum, samples
from tests.soda.test_workflow import TINY


@pytest.fixture(scope="session")
def soda() -> SodaSettings:
    settings: SodaSettings = runs.check(TINY, "tiny").soda
    return settings


@pytest.fixture(scope="session")
def folder(soda: SodaSettings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with samples.npz, optimum.npz and optimum.jsonl of the problem `clusters`."""
    made, problem = tmp_path_factory.mktemp("soda"), problem_of(soda, "clusters")
    samples.run(samples_job(problem), made / "samples.npz")
    job = optimum_job(soda, problem)
    optimum.run(job, made / "samples.npz", made / "optimum.npz", made / "optimum.jsonl")
    return made
