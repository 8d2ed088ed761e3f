"""The regions that statements put a difference in."""

import math

from loft.core.reporting.verdicts.regions import Region, ordering, within


def test_the_three_regions_of_a_printed_difference() -> None:
    assert ordering(-0.81, 0.8) == Region(-math.inf, -0.8)
    assert ordering(-0.8, 0.8) == ordering(0.8, 0.8) == within(0.8) == Region(-0.8, 0.8)
    assert ordering(0.81, 0.8) == Region(0.8, math.inf)
