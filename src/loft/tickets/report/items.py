"""List this study's figures and tables, by the step that makes them."""

from loft.core.reporting.registry import find

FIGURES = find("loft.tickets.report.figures")
TABLES = find("loft.tickets.report.tables")
RATES = [table for table in TABLES if "tried" in table.needs]  # `loft learning-rates` makes it
LENGTHS = [table for table in TABLES if "finetunings" in table.needs]  # `loft lengths` makes it
MEASURED = [  # `loft table` makes them from lines
    table for table in TABLES if table.needs and table not in [*RATES, *LENGTHS]
]
(COMM,) = [table for table in TABLES if not table.needs]  # `loft comm` makes it from shapes
