"""Lines of this study written by hand."""

from typing import Any

from loft.core.reporting.metrics import Line

CAUSES = {"walk": 0.5, "idle": 0.25, "common": 0.125, "pull": 0.0625, "own": 0.0625}


def cell(**changed: Any) -> Line:
    """A cell of the sweep over m, of two repetitions with distances 1 and 3."""
    parameters = {"masks": "partition", "m": 16, "S": 2, "xi": 0.5, "kappa": 1.0}
    length = {"local_steps": 1, "step": 1.0, "T": 100}
    measured = {"weights": [1.0, 3.0], "outputs": [2.0, 6.0], "movement": [4.0, 4.0]}
    losses = {"loft_loss": [0.5, 0.7], "descent_loss": [0.2, 0.2], "tail": [0.3, 0.5]}
    ours = {"predicted_weights": CAUSES, "predicted_outputs": CAUSES, "neighbourhood": 0.8}
    bounds = {"loss_start": 2.0, "bound_first": 2.0, "bound_second": 6.0}
    about: Line = {"kind": "cell", "sweeps": ["m"], "repetitions": 2}
    return {**about, **parameters, **length, **measured, **losses, **ours, **bounds, **changed}


def curve(**changed: Any) -> Line:
    """Three checkpoints of a training of two repetitions."""
    cut = ("masks", "m", "S", "xi", "kappa", "local_steps", "step", "T")
    about: Line = {"kind": "curve", **{name: cell()[name] for name in cut}, "rate": 0.5}
    distances = [[0.0, 1.0, 2.0], [0.0, 3.0, 6.0]]
    losses = {"loft_loss": [8.0, 5.0, 3.0], "descent_loss": [8.0, 4.0, 2.0]}
    made = {"at": [0, 1, 3], "weights": distances, "outputs": distances}
    return {**about, **made, **losses, **changed}


def data(**changed: Any) -> Line:
    """The line on the training data."""
    sizes = {"n": 3, "p": 3, "d": 4, "eta": 0.1, "T": 100, "failure": 0.1}
    kernel = {"lambda_0": 0.9, "lambda_max": 2.0, "stable_step": 8.0, "least_m": 1e6}
    return {"kind": "data", **sizes, **kernel, **changed}


def job(*lines: Line, source: str = "synthetic") -> list[Line]:
    return [{"kind": "job", "step": "theorem1", "source": source}, *lines]
