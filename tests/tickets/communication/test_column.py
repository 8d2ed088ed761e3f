"""The printed column, predicted: to every digit, or as near as was found."""

from decimal import Decimal

import pandas as pd
import pytest

from loft.tickets.communication import column


@pytest.fixture(scope="module")
def predictions() -> pd.DataFrame:
    return column.predictions()


def rows(table: pd.DataFrame, version: str, method: str) -> pd.DataFrame:
    found = table[(table["version"] == version) & (table["method"] == method)]
    assert len(found) > 0
    return found


def test_every_printed_row_is_predicted(predictions: pd.DataFrame) -> None:
    assert len(predictions) == 61
    assert predictions["predicted"].notna().all()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_gpipe_to_every_printed_digit(predictions: pd.DataFrame, version: str) -> None:
    found = rows(predictions, version, "GPipe")
    cent = Decimal("0.01")
    predicted = [Decimal(value).quantize(cent) for value in found["predicted"]]
    assert predicted == [Decimal(str(value)).quantize(cent) for value in found["printed"]]


@pytest.mark.parametrize(
    ("version", "method", "imagenet", "percent"),
    [
        ("v1", "LoFT", False, 0.01),
        ("v1", "LoFT", True, 0.01),
        ("v2", "Local SGD", False, 0.01),
        ("v2", "Local SGD", True, 0.01),
        ("v2", "LoFT", False, 0.4),
        ("v2", "LoFT", True, 1.3),
    ],
)
def test_the_others_within(
    predictions: pd.DataFrame, version: str, method: str, imagenet: bool, percent: float
) -> None:
    found = rows(predictions, version, method)
    found = found[(found["dataset"] == "ImageNet") == imagenet]
    assert found["error_percent"].abs().max() < percent


def test_what_describes_the_gap_changes_version_2s_loft_cells_alone(
    predictions: pd.DataFrame,
) -> None:
    described = column.descriptions()
    assert described["error_percent"].abs().max() < 0.017
    ours = (predictions["version"] == "v2") & (predictions["method"] == "LoFT")
    assert described[~ours].equals(predictions[~ours])
