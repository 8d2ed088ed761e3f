"""The printed communication column beside its prediction, for programs or for people."""

from loft.tickets.communication.column import descriptions, to_text
from loft.tickets.report.printing import to_csv
from loft.tickets.report.tables.comm import make


def run(csv: bool) -> str:
    """Return the table as CSV, or as text with the constants and what is after the fact."""
    return to_csv(make()) if csv else to_text(make(), descriptions())
