"""The numbers of docs/errata.md that follow from the printed Table 1, computed from it."""

import re

import pandas as pd
import pytest

from loft.models.build import build
from loft.tickets.methods.partition import shares
from loft.tickets.network.blocks import partitioned
from loft.tickets.results.printed import paper_table
from tests.conftest import ROOT

RATIOS = ["accuracy_50_percent", "accuracy_80_percent"]


@pytest.fixture(scope="module")
def errata() -> str:
    text = (ROOT / "docs" / "errata.md").read_text(encoding="utf-8")
    return " ".join(text.split())


@pytest.fixture(scope="module")
def printed() -> pd.DataFrame:
    return paper_table()


def cost(rows: pd.DataFrame, **about: object) -> float:
    for key, value in about.items():
        rows = rows[rows[key] == value]
    assert len(rows) == 1
    return float(rows["comm_gigabytes"].iloc[0])


def test_one_improvement_of_v1_is_printed_wrong(errata: str, printed: pd.DataFrame) -> None:
    right = []
    for row in printed[printed["printed_improvement"].notna()].to_dict("records"):
        about = {key: row[key] for key in ("version", "model", "dataset", "workers")}
        ratio = cost(printed, **about, method="GPipe") / row["comm_gigabytes"]
        if abs(ratio - row["printed_improvement"]) < 0.0101:
            right.append(row)
        else:
            wrong = f"printed as {row['printed_improvement']:.2f}x is {ratio:.2f}x"
    assert f"**An improvement {wrong}.**" in errata
    assert f"The other {len(right)} improvements" in errata


def test_versions_differ_in_costs(errata: str, printed: pd.DataFrame) -> None:
    loft = printed[printed["method"] == "LoFT"]
    keys = ["model", "dataset", "workers"]
    both = loft[loft["version"] == "v1"].merge(
        loft[loft["version"] == "v2"], on=keys, suffixes=("_1", "_2")
    )
    times = both["comm_gigabytes_1"] / both["comm_gigabytes_2"]
    cifar = times[both["dataset"] != "ImageNet"]
    assert {f"{value:.2f}" for value in cifar} == {"1.60"}
    assert sorted(f"{value:.2f}" for value in times[both["dataset"] == "ImageNet"]) == [
        "3.08",
        "3.10",
    ]
    assert "1.60 times those of v2 on CIFAR and 3.08 and 3.10 times on ImageNet" in errata


def against(printed: pd.DataFrame, method: str, imagenet: bool) -> dict[tuple[object, ...], float]:
    """LoFT's accuracy less a method's, by cell and ratio, in v2."""
    rows = printed[(printed["version"] == "v2") & ((printed["dataset"] == "ImageNet") == imagenet)]
    keys = ["model", "dataset", "workers"]
    ratios = [*RATIOS, *(["accuracy_30_percent"] if imagenet else [])]
    pairs = rows[rows["method"] == "LoFT"].merge(
        rows[rows["method"] == method], on=keys, suffixes=("", "_other")
    )
    return {
        (*(row[key] for key in keys), ratio): row[ratio] - row[f"{ratio}_other"]
        for row in pairs.to_dict("records")
        for ratio in ratios
    }


def test_cells_that_are_comparable_or_better(errata: str, printed: pd.DataFrame) -> None:
    gpipe, local = (against(printed, name, False) for name in ("GPipe", "Local SGD"))
    above = [{cell for cell, by in found.items() if by >= 0} for found in (gpipe, local)]
    assert len(gpipe) == len(local) == 24
    said = f"at or above GPipe in {len(above[0])}, at or above Local SGD in {len(above[1])}, "
    assert f"{said}and at or above both in {len(above[0] & above[1])}." in errata
    assert not [cell for cell in above[0] | above[1] if cell[1] == "CIFAR-10"]
    gpipe, local = (against(printed, name, True) for name in ("GPipe", "Local SGD"))
    assert all(by < 0 for by in gpipe.values())
    assert all(by > 0 for by in local.values())
    assert (
        f"below GPipe in {len(gpipe)} of {len(gpipe)} cells and above Local SGD in {len(local)}"
        in (errata)
    )


def test_pipelines_of_two_and_four_stages_have_the_same_accuracies(printed: pd.DataFrame) -> None:
    rows = printed[printed["method"] == "GPipe"]
    for _, group in rows.groupby(["version", "model", "dataset"]):
        assert all(group[ratio].nunique() == 1 for ratio in RATIOS)


def test_gradients_of_every_image_cost_nearly_twice_as_much(errata: str) -> None:
    batch = 128
    assert f"{131.88 * 2 * batch / (batch + 1):.1f} G where 131.88 G is printed" in errata


def test_a_worker_of_four_keeps_most_parameters(errata: str) -> None:
    whole = build("preresnet18", 64, channels=3, size=32, classes=10)
    part = build(
        "preresnet18",
        64,
        channels=3,
        size=32,
        classes=10,
        filters=shares(partitioned(whole), 4, 0),
    )
    count = [sum(p.numel() for p in network.parameters()) for network in (part, whole)]
    share = re.search(r"leaves (\d+) % of PreResNet-18's parameters on each of 4 workers", errata)
    assert share is not None
    assert round(100 * count[0] / count[1]) == int(share[1])
