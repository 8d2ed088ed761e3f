"""This study's figures and tables, by the step that makes them."""

from loft.core.reporting.registry import Item, find

_FIGURES = find("loft.diversity.figures")
_TABLES = find("loft.diversity.tables")


def _of_rounds(item: Item) -> bool:
    """Say whether it is made of what pretraining's workers change in a round."""
    return "updates" in item.needs


FIGURES = [figure for figure in _FIGURES if not _of_rounds(figure)]
TABLES = [table for table in _TABLES if not _of_rounds(table)]
ROUNDS_FIGURES = [figure for figure in _FIGURES if _of_rounds(figure)]
ROUNDS_TABLES = [table for table in _TABLES if _of_rounds(table)]
