"""Test the compiled loops on vectors of a few entries, by hand."""

import math

import numpy as np

from loft.soda.compiled_loops import apply_changes, draw_successes, masked_step


def test_gaps_say_which_entries_are_chosen() -> None:
    """With rate 1, gaps 0.5, 1.5 and 9 become 1, 2 and 10 when rounded up: entries 0, 2 and 12."""
    gaps, nothing = np.array([0.5, 1.5, 9.0]), np.zeros(6, dtype=bool)
    chosen, last = draw_successes(gaps, 1.0, -1, nothing)
    assert chosen.tolist() == [0, 2]
    assert last >= 6  # the last gap leads beyond the vector
    excepted = np.arange(6) == 2
    assert draw_successes(gaps, 1.0, -1, excepted)[0].tolist() == [0]
    assert draw_successes(gaps[:2], 1.0, 2, nothing)[0].tolist() == [3, 5]


def test_the_rate_of_probability_p_chooses_every_entry_for_large_p() -> None:
    """-log(1 - p) of p near 1 is large, so every gap is rounded up to 1."""
    rate = -math.log(1e-12)
    chosen, _ = draw_successes(np.full(5, 0.1), rate, -1, np.zeros(4, dtype=bool))
    assert chosen.tolist() == [0, 1, 2, 3]


def test_a_step_changes_the_masks_entries_only() -> None:
    w, gradient = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    output = np.array([0.0, 7.0, 1.0])
    change = masked_step(np.array([0, 2]), w, gradient, 0.5, 0.25, output)
    assert output.tolist() == [0.25 - 2, 7, 0.75 - 3]
    assert change.tolist() == [0.25 - 2, 0.75 - 3 - 1]


def test_changes_move_the_average_and_its_proximal_point() -> None:
    average, w = np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5, 2.5])
    support = np.array([True, True, True])
    apply_changes(np.array([0, 1]), np.array([-0.75, 1.0]), 0.5, average, w, support)
    assert average.tolist() == [0.25, 3, 3]
    assert w.tolist() == [0, 2.5, 2.5]
    assert support.tolist() == [False, True, True]
