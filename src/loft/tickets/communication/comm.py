"""The printed communication column beside its prediction, for programs or for people."""

from loft.tickets.communication.column import descriptions, predictions, to_text
from loft.tickets.report.printing import to_csv


def run(csv: bool) -> str:
    """Return all 61 rows as CSV, or as text with the constants and what is after the fact."""
    return to_csv(predictions()) if csv else to_text(predictions(), descriptions())
