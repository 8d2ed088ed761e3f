"""Networks of earlier steps as files, and ways to change what they hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor

from loft.core.files.checkpoint import read_tensors, write_network
from loft.models.build import build
from loft.tickets.pruning import prune
from loft.tickets.pruning.job import PruneJob, TicketName
from loft.tickets.results import paths
from tests.conftest import ORIGIN

NAME = TicketName(snapshot=2, ratio=0.5, multiple=1)
PRUNE = PruneJob(epochs=[2], ratios=[0.5], criterion="l2", multiple=1)
KEPT = [0, 2]  # of layer1.1's four filters, which has two left
About = dict[str, Any]
Weights = dict[str, Tensor]
MODEL = {"name": "preresnet18", "width": 4}
SHAPE = {"channels": 1, "size": 8, "classes": 10}


def change(path: Path, to: Path, about: Callable[[About], None], weights: Any = None) -> Path:
    """Write a network again, changed; return its file."""
    tensors, _ = read_tensors(path)
    facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    about(facts)
    if weights is not None:
        weights(tensors)
    write_network(to, tensors, facts)
    return to


def set_to(key: str, value: Any) -> Callable[[About], None]:
    return lambda facts: facts.update({key: value})


def put(name: str, make: Callable[[Tensor], Tensor]) -> Callable[[Weights], None]:
    return lambda weights: weights.update({name: make(weights[name])})


def store(folder: Path) -> Path:
    """Write a snapshot and its ticket, whose layer1.1 keeps `KEPT`; return the folder."""
    weights = build("preresnet18", 4, **SHAPE, seed=0).state_dict()  # type: ignore[arg-type]
    for index in (1, 3):
        weights["layer1.1.conv1.weight"][index] *= 0.01
    about = {"model": MODEL, "dataset": "digits", **SHAPE, "cell": "loft-2", "seed": 0}
    about |= {"epoch": 2, "test_accuracy": 50.0, "filters": {}, **ORIGIN}
    write_network(paths.snapshot(folder, 2), weights, about)
    prune.prune(folder, folder, 2, PRUNE, "l2")
    return folder
