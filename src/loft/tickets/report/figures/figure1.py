"""Draw Figure 1: distances of rankings and masks between all pairs of epochs, by layer group."""

from pathlib import Path

import numpy as np

from loft.core.reporting.figure_style import panels
from loft.tickets.report.heatmaps import FILTERS, Array, Pairs, heatmap

TITLE = "Figure 1"
CAPTION = """
Figure 1: distances between all pairs of epochs of the unpruned network's training. Row i, column j
is the distance from epoch i's ranking of filters by l2 norm to epoch j's, averaged over the
convolutions of each group and over all convolutions; epoch 0 is the untrained network. Last, the
share of channels on which Early-Bird's pruning masks of two epochs differ. Dark is near.
"""
COLUMNS = 3  # panels beside each other


def draw(paths: list[Path], pairs: Pairs) -> None:
    """Draw the heat maps of every network, averaged over seeds."""
    drawn = [maps for network in pairs.items() for maps in _maps(*network)]
    with panels(paths, len(drawn), COLUMNS, width=3.3, height=2.9) as grid:
        for axes, (title, array, first) in zip(grid, drawn, strict=True):
            heatmap(axes, title, array, first)


def _maps(network: str, arrays: dict[str, Array]) -> list[tuple[str, Array, int]]:
    """Return a network's heat maps: title, distances, the epoch of the first row.

    A group is the first part of layer names, such as `layer2`. A group with a single convolution
    (the stem) has no heat map.
    """
    groups: dict[str, list[Array]] = {}
    for name in sorted(name for name in arrays if name.startswith(FILTERS)):
        groups.setdefault(name.removeprefix(FILTERS).split(".")[0], []).append(arrays[name])
    every = [array for layers in groups.values() for array in layers]
    shown = {group: layers for group, layers in groups.items() if len(layers) > 1}
    means = {**shown, "all layers": every}
    maps = [
        (f"{network}\n{name}: filter distance", _mean(layers), 0) for name, layers in means.items()
    ]
    return [*maps, (f"{network}\nBatchNorms: mask distance", arrays["masks"], 1)]


def _mean(layers: list[Array]) -> Array:
    average: Array = np.mean(layers, axis=0)
    return average
