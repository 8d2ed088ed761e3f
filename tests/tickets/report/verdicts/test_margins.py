"""The settings of verdicts as judging takes them."""

import pytest

from loft.core.reporting.verdicts.judging import Rule
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.verdicts.margins import margin, rule_of


@pytest.mark.parametrize(
    ("dense", "points"),
    [(None, 0.8), (60.0, 0.8), (98.0, 0.3)],  # 15 % of the errors are 6 points and 0.3
)
def test_the_smaller_margin_counts(dense: float | None, points: float) -> None:
    settings = VerdictSettings(margin=0.8, margin_share=0.15)
    assert margin(settings, dense) == pytest.approx(points)


def test_a_share_of_one_leaves_the_points_alone() -> None:
    assert margin(VerdictSettings(margin=0.8, margin_share=1.0), 99.0) == 0.8


def test_how_sure_a_verdict_must_be() -> None:
    assert rule_of(VerdictSettings(confidence=0.9, power=0.7)) == Rule(0.9, 0.7)
