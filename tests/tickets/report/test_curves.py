"""Figures: a panel for each network and data set, and the same bytes for the same data."""

import json
from pathlib import Path

import pandas as pd
import pytest
import torch
from loft.tickets.report.accuracy_by_bytes import bytes_sent

from loft.core.files.checkpoint import write_tensors
from loft.tickets.report.curves import figure4, figure5, norms
from loft.tickets.report.heatmaps import figure1
from loft.tickets.report.heatmaps import layers as by_layer

NETWORKS = [("preresnet18", "digits"), ("preresnet34", "digits"), ("preresnet18", "cifar10")]
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
    text = path.read_text(encoding="utf-8")
    for model, dataset in NETWORKS:
        assert text.count(f">{model}, {dataset}<") == panels


def test_every_network_has_its_curves(tmp_path: Path) -> None:
    figure4(DISTANCES, [tmp_path / "figure4.svg"])
    titles(tmp_path / "figure4.svg", 1)
    norms(DISTANCES, [tmp_path / "norms.svg"])
    titles(tmp_path / "norms.svg", 3)


@pytest.mark.parametrize("snapshots", [(0, 1, 2), (2,)])
@pytest.mark.parametrize("cells", [["loft-2"], []])
def test_tickets_of_every_snapshot_or_of_the_last_alone(
    tmp_path: Path, snapshots: tuple[int, ...], cells: list[str]
) -> None:
    rows = [
        {"model": model, "dataset": dataset, "cell": cell, "snapshot": snapshot}
        | {"ratio": ratio, "test_accuracy": 90.0 + snapshot}
        for model, dataset in NETWORKS
        for snapshot in snapshots
        for cell in (["dense"] if snapshot == 0 else ["dense", "loft-2"])
        for ratio in ((0.5, 0.8) if snapshot == 2 else (0.5,))
    ]
    figure5(pd.DataFrame(rows), cells, [tmp_path / "figure5.svg"])
    titles(tmp_path / "figure5.svg", 1)
    ratio = 50 if len(snapshots) > 1 else 80
    text = (tmp_path / "figure5.svg").read_text(encoding="utf-8")
    assert text.count(f">accuracy of the {ratio} % ticket, %<") == len(NETWORKS)


def test_every_network_has_its_costs(tmp_path: Path) -> None:
    rows = [
        {"model": model, "dataset": dataset, "method": method, "workers": workers}
        | {"comm_gigabytes": gigabytes, "accuracy_50": 90.0, "accuracy_50_std": None}
        for model, dataset in NETWORKS
        for method, workers, gigabytes in [("dense", 1, 0.0), ("loft", 2, 3.0), ("loft", 4, 5.0)]
    ]
    bytes_sent(pd.DataFrame(rows), [tmp_path / "bytes.svg"])
    titles(tmp_path / "bytes.svg", 1)


def test_every_network_has_its_heat_maps(tmp_path: Path) -> None:
    layers = ["stem", "layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv1", "layer2.0.conv2"]
    pairs = []
    for index, (model, dataset) in enumerate(NETWORKS):
        arrays = {f"filters/{layer}": torch.rand(4, 4) for layer in layers}
        pairs.append(tmp_path / f"{index}.safetensors")
        about = json.dumps({"model": model, "dataset": dataset, "cell": "unpruned", "seed": 0})
        write_tensors(pairs[-1], {**arrays, "masks": torch.rand(3, 3)}, about)
    figure1(pairs, [tmp_path / "figure1.svg"])
    titles(tmp_path / "figure1.svg", 4)  # two groups, all layers, masks
    by_layer(pairs, [tmp_path / "layers.svg"])
    titles(tmp_path / "layers.svg", len(layers))


def test_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.{form}" for name in ("a", "b") for form in ("svg", "png")]
    figure4(DISTANCES, paths[:2])
    figure4(DISTANCES, paths[2:])
    assert paths[0].read_bytes() == paths[2].read_bytes()
    assert paths[1].read_bytes() == paths[3].read_bytes()


def test_any_number_of_workers_is_drawn_and_methods_that_send_nothing(tmp_path: Path) -> None:
    model, dataset = NETWORKS[0]
    about = {"model": model, "dataset": dataset}
    cells = [("loft", workers) for workers in range(1, 10)]
    rows = [
        about
        | {"cell": f"{method}-{workers}", "seed": 0, "from_epoch": epoch}
        | dict.fromkeys(("mean", "mean_l1", "mean_max"), 3.0 - epoch)
        for method, workers in cells
        for epoch in range(4)
    ]
    figure4(pd.DataFrame(rows), [tmp_path / "figure4.svg"])
    costs = [
        about
        | {"method": method, "workers": workers, "comm_gigabytes": workers - 1.0}
        | {"accuracy_30": 90.0, "accuracy_30_std": None}
        for method, workers in cells
    ]
    bytes_sent(pd.DataFrame(costs), [tmp_path / "bytes.svg"])
    for name in ("figure4.svg", "bytes.svg"):
        assert "<svg" in (tmp_path / name).read_text(encoding="utf-8")
