"""This study's figures and tables."""

from loft.core.reporting.registry import find

FIGURES = find("loft.theorem1.figures")
TABLES = find("loft.theorem1.tables")
