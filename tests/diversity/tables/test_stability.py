"""The table of stability, from lines written by hand."""

import math

import pytest

from loft.core.reporting.metrics import Line
from loft.diversity.tables.stability import make


def test_distances_are_over_those_of_serial_sgd() -> None:
    """Mean distances 2 and 6, gaps 1 and 5; the bound of 3 holds 1 and not 4."""
    about: Line = {"kind": "stability", "step": 0.5, "updates": 9, "least_bound": 2.0, "bound": 3.0}
    serial = {**about, "batch": 1, "distances": [1.0, 3.0], "gaps": [1.0, 1.0]}
    large = {**about, "batch": 4, "distances": [5.0, 7.0], "gaps": [4.0, 6.0]}
    job: list[Line] = [{"kind": "job", "step": "statements"}, serial, large]
    one, four = make([job], 0.95).to_dict("records")
    assert (one["distance"], one["to_serial"], one["gap_to_serial"]) == (2.0, 1.0, 1.0)
    assert (four["distance"], four["to_serial"], four["gap_to_serial"]) == (6.0, 3.0, 5.0)
    assert (one["within"], four["within"]) == (True, False)
    # Student's 97.5 % quantile with one degree of freedom, times an error of 1 over the mean of 6
    factor = math.exp(12.7062 / 6)
    assert (four["low"], four["high"]) == pytest.approx((6 / factor, 6 * factor), rel=1e-5)
    assert (one["gap_low"], one["gap_high"]) == (1.0, 1.0)
