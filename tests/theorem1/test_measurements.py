"""Test the values that tables and figures take from lines, by hand."""

import pandas as pd
import pytest

from loft.theorem1.measurements import Jobs, error, floor, in_sweep, of_kind, to_csv

JOBS: Jobs = [
    [{"kind": "job", "source": "synthetic"}, {"kind": "cell", "m": 4}, {"kind": "curve", "m": 4}],
    [{"kind": "job", "source": "images"}, {"kind": "cell", "m": 8}],
]


def test_lines_of_a_kind_say_on_which_data() -> None:
    assert [(line["source"], line["m"]) for line in of_kind(JOBS, "cell")] == [
        ("synthetic", 4),
        ("images", 8),
    ]
    assert len(of_kind(JOBS, "curve")) == 1


def test_at_infinite_width_pull_and_own_have_gone() -> None:
    causes = {"walk": 0.5, "idle": 0.25, "common": 0.125, "pull": 4.0, "own": 8.0}
    assert floor({"predicted_weights": causes, "predicted_outputs": {}}, "weights") == 0.875


def test_the_error_of_a_mean_by_hand() -> None:
    """Of 1, 2 and 3 the standard deviation is 1, and the mean's error that over the root of 3."""
    assert error([1.0, 2.0, 3.0]) == pytest.approx(3**-0.5)


def test_a_sweep_is_a_whole_word() -> None:
    cells = pd.DataFrame({"sweeps": ["m S", "neighbourhood", "T m"]})
    assert [*in_sweep(cells, "m")] == [True, False, True]
    assert [*in_sweep(cells, "S")] == [True, False, False]


def test_numbers_have_five_digits_and_what_is_missing_is_blank() -> None:
    table = pd.DataFrame({"x": [1.23456789, 2e-9], "n": [3, 4], "name": ["a", None]})
    assert to_csv(table) == "x,n,name\n1.2346,3,a\n2e-09,4,\n"
