"""Test what the figures share: which problems they show, and how curves look."""

from pathlib import Path

import numpy as np
import pytest

from loft.core.reporting.figure_style import panels
from loft.soda.drawing import curves_of, drawn, look, mark_optimum, percent
from tests.soda.made_up import JOBS, SHOWN, curves, optimum, simulate
from tests.soda.made_up import drawn as shown_in

MADELON = SHOWN.problems[0]
CURVES = [simulate("madelon", p, curves(0, [500, 35])) for p in (0.01, 1.0, 0.1)]


def test_a_figure_shows_the_problems_that_ask_for_it() -> None:
    ((shown, name),), missing = drawn(SHOWN.problems, JOBS, 2)
    assert (shown.problem, name, missing) == (
        "madelon",
        r"madelon, $\lambda_1 = 2 \cdot 10^{-2}$",
        "",
    )


def test_the_papers_data_sets_that_were_not_run_are_said() -> None:
    assert drawn(SHOWN.problems, JOBS, 1) == ([], "not run: real-sim, rcv1_train")
    stood_for = optimum("madelon", "real-sim")
    found, missing = drawn(shown_in(1).problems, [stood_for], 1)
    assert (len(found), missing) == (1, "not run: rcv1_train")


def test_a_power_of_ten_has_no_factor() -> None:
    job = optimum("madelon", "madelon")
    job[0]["lambda_1"] = 1e-4
    (_, name), *_ = drawn(SHOWN.problems, [job], 2)[0]
    assert name.endswith(r"$\lambda_1 = 10^{-4}$")


def test_curves_come_by_falling_p_and_dave_pg_is_dashed() -> None:
    found = curves_of(MADELON, CURVES)
    assert [p for p, _ in found] == [1.0, 0.1, 0.01]
    assert look(1, found)["label"] == "DAve-PG (p = 1)"
    assert "linestyle" in look(1, found)
    masked = [look(p, found) for p in (0.1, 0.01)]
    assert [each["label"] for each in masked] == ["SODA, p = 0.1", "SODA, p = 0.01"]
    assert masked[0]["color"] != masked[1]["color"]
    assert not any("linestyle" in each for each in masked)


def test_the_support_is_a_share_of_the_features(tmp_path: Path) -> None:
    """Of 500 features 35 are 7 %, which is the optimum's share too."""
    assert percent(curves(0, [500, 35]), MADELON, JOBS) == [100.0, 7.0]
    with panels([tmp_path / "a.svg"], 1, 1, 2, 2) as (axes,):
        mark_optimum(axes, MADELON, JOBS)
        (line,) = axes.get_lines()
        assert np.asarray(line.get_xydata())[:, 1].tolist() == pytest.approx([7.0, 7.0])
