"""Print the paper's communication column beside its prediction, as CSV or as text."""

from loft.tickets.communication.column import descriptions, to_text
from loft.tickets.report.printing import to_csv
from loft.tickets.report.tables.comm import make


def run(csv: bool) -> str:
    """Return the table as CSV, or as text with descriptions and constants."""
    return to_csv(make()) if csv else to_text(make(), descriptions())
