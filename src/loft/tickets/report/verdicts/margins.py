"""Read the settings of verdicts: how sure a verdict must be, and which difference is small."""

from loft.core.reporting.verdicts.judging import Rule
from loft.tickets.report.job import VerdictSettings


def rule_of(settings: VerdictSettings) -> Rule:
    """Return how sure a verdict must be."""
    return Rule(settings.confidence, settings.power)


def margin(settings: VerdictSettings, dense: float | None) -> float:
    """Return the margin in points, beside a dense column of this accuracy in percent.

    Where the dense column's accuracy is unknown, `verdict.margin` alone counts.
    """
    if dense is None:
        return settings.margin
    return min(settings.margin, settings.margin_share * (100 - dense))
