"""Small problems and settings for the study's tests."""

import copy
from typing import Any

import numpy as np
import pytest

from loft.theorem1 import synthetic
from loft.theorem1.network import Problem, Start
from loft.theorem1.settings import SyntheticSettings
from tests.conftest import TINY

SETTINGS: dict[str, Any] = {
    "seed": 0,
    "synthetic": {"samples": 3, "channels": 2, "pixels": 3, "filter": 2},
    "images": {"samples": 3, "side": 8, "window": 4},
    "kappas": [1.0, 0.1],
    "step": 1.0,
    "iterations": 24,
    "workers": 2,
    "probability": 0.5,
    "failure": 0.1,
    "repetitions": {"least": 3, "filters": 32},
    "sweeps": {
        "widths": [4, 8, 16, 32],
        "workers": [1, 2, 4, 8],
        "probabilities": [0.25, 0.5, 1.0],
        "local_steps": [1, 2, 4],
        "width": 16,
    },
    "neighbourhood": {"steps": [8.0], "iterations": 240},
    "fit": {"confidence": 0.95, "resamples": 100},
}
ALONE = {"run": "alone", "studies": ["theorem1"], "data": TINY["data"], "theorem1": SETTINGS}


def changed(dotted: str, value: object) -> dict[str, Any]:
    """Return the values of `ALONE` with another value of one key, such as "theorem1.step"."""
    values = copy.deepcopy(ALONE)
    part: Any = values
    *sections, key = dotted.split(".")
    for section in sections:
        part = part[section]
    part[key] = value
    return values


@pytest.fixture(scope="session")
def problem() -> Problem:
    settings = SyntheticSettings(samples=3, channels=2, pixels=3, filter=2)
    return synthetic.prepare(settings, 0, None)


@pytest.fixture
def start(problem: Problem) -> Start:
    return Start.draw(problem, width=8, kappa=1.0, seeds=[(0,), (1,)])


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)
