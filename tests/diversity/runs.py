"""Hold this study's settings at the smallest size."""

from typing import Any

from tests.conftest import TINY as SHARED

BATCHES = [{"size": 4, "steps": [0.5, 1.0]}, {"size": 16, "steps": [0.1, 0.2]}]
TRAINING: dict[str, Any] = {
    "threads": 1,
    "passes": 1,
    "looks": 2,
    "repetitions": 2,
    "batches": BATCHES,
    "measured": 8,
}
DIVERSITY: dict[str, Any] = {
    "seed": 0,
    "memory": 64,
    "confidence": 0.95,
    "mechanisms": {"dropconnect": 0.5, "sgld": 1.0, "qsgd": 1},
    "replication": [
        {
            **TRAINING,
            "model": {"name": "logistic", "pair": [3, 8]},
            "samples": 24,
            "factors": {"none": [1, 2], "dropconnect": [1, 2], "sgld": [1], "qsgd": [1]},
        },
        {
            **TRAINING,
            "model": {"name": "convnet", "width": 2},
            "samples": 32,
            "factors": {"none": [1, 2], "dropconnect": [1]},
        },
    ],
    "passes": {
        **{key: value for key, value in TRAINING.items() if key != "measured"},
        "model": {"name": "logistic", "pair": [3, 8]},
        "samples": 24,
        "accuracy": 60.0,
    },
    "speedup": {
        "model": {"name": "logistic", "pair": [3, 8]},
        "samples": 24,
        "step": 0.1,
        "batches": [4, 12],
        "workers": [1, 2],
        "modelled": [4],
        "repeats": 1,
        "network": {"latency": 1e-4, "bandwidth": 1e8},
    },
    "dropconnect": {
        **{key: value for key, value in TRAINING.items() if key != "measured"},
        "model": {"name": "logistic", "pair": [3, 8]},
        "samples": 24,
        "drops": [0.4],
        "accuracy": 60.0,
        "tolerance": 0.2,
    },
    "statements": {
        "samples": 32,
        "features": 4,
        "repetitions": 4,
        "epsilon": 0.4,
        "deltas": [1.0],
        "draws": 50,
        "stability": {
            "samples": 20,
            "fresh": 50,
            "step": 0.5,
            "passes": 2,
            "batches": [1.0, 16.0],
        },
    },
}
TINY: dict[str, Any] = {
    "run": "tiny",
    "studies": ["diversity"],
    "data": SHARED["data"],
    "diversity": DIVERSITY,
}
