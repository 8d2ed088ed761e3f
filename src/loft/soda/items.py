"""This study's figures and tables, by the step that makes them."""

from loft.core.reporting.registry import find

FIGURES = find("loft.soda.figures")
_TABLES = find("loft.soda.tables")
TABLES = [table for table in _TABLES if "tickets" not in table.needs]
(COMPARISON,) = [table for table in _TABLES if "tickets" in table.needs]  # LoFT's Table 1
