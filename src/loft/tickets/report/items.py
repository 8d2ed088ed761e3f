"""This study's figures and tables, by the step that makes them."""

from loft.core.reporting.registry import find

FIGURES = find("loft.tickets.report.figures")
TABLES = find("loft.tickets.report.tables")
MEASURED = [table for table in TABLES if table.needs]  # made of lines, by `loft table`
(COMM,) = [table for table in TABLES if not table.needs]  # made of shapes, by `loft comm`
