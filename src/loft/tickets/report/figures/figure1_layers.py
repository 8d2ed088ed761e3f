"""Draw Figure 1 for each convolution."""

from pathlib import Path

from loft.core.reporting.figure_style import panels
from loft.tickets.report.heatmaps import FILTERS, Pairs, heatmap

TITLE = "Figure 1, layer by layer"
CAPTION = """
Figure 1, layer by layer: the filter distance between all pairs of epochs of the dense column's
training, for every convolution; from the row's epoch to the column's.
"""
COLUMNS = 5  # panels beside each other


def draw(paths: list[Path], pairs: Pairs) -> None:
    """Draw a heat map of every convolution of every network."""
    drawn = [
        (f"{network}\n{name.removeprefix(FILTERS)}", array)
        for network, arrays in pairs.items()
        for name, array in sorted(arrays.items())
        if name.startswith(FILTERS)
    ]
    with panels(paths, len(drawn), COLUMNS, width=2.6, height=2.2) as grid:
        for axes, (title, array) in zip(grid, drawn, strict=True):
            heatmap(axes, title, array, 0)
