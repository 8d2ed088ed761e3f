"""List this study's figures and tables, by the step that makes them."""

from loft.core.reporting.registry import find

FIGURES = find("loft.tickets.report.figures")
TABLES = find("loft.tickets.report.tables")
MEASURED = [table for table in TABLES if table.needs]  # `loft table` makes them from lines
(COMM,) = [table for table in TABLES if not table.needs]  # `loft comm` makes it from shapes
