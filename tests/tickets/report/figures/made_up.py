"""Made-up tables of three networks, for tests of figures."""

import json
from pathlib import Path

import pandas as pd
import torch

from loft.core.files.checkpoint import write_tensors

NETWORKS = [("preresnet18", "digits"), ("preresnet34", "digits"), ("preresnet18", "cifar10")]
LAYERS = ["stem", "layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv1", "layer2.0.conv2"]
DISTANCES = pd.DataFrame(
    [
        {"model": model, "dataset": dataset, "cell": cell, "seed": seed, "from_epoch": epoch}
        | dict.fromkeys(("mean", "mean_l1", "mean_max"), 3.0 - epoch)
        for model, dataset in NETWORKS
        for cell in ("dense", "loft-2", "unpruned")
        for seed in (0, 1)
        for epoch in range(4)
    ]
)


def titles(path: Path, panels: int) -> None:
    """See that every network has so many panels."""
    text = path.read_text(encoding="utf-8")
    for model, dataset in NETWORKS:
        assert text.count(f">{model}, {dataset}<") == panels


def pairs(folder: Path) -> list[Path]:
    """Write distances between all pairs of epochs, a file for each network."""
    paths = []
    for index, (model, dataset) in enumerate(NETWORKS):
        arrays = {f"filters/{layer}": torch.rand(4, 4) for layer in LAYERS}
        paths.append(folder / f"{index}.safetensors")
        about = json.dumps({"model": model, "dataset": dataset, "cell": "unpruned", "seed": 0})
        write_tensors(paths[-1], {**arrays, "masks": torch.rand(3, 3)}, about)
    return paths
