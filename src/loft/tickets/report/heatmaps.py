"""Figure 1: distances between all pairs of epochs of the dense network's training.

Dark is near, light is far, as in the paper. Filter distances are drawn as a mean over the layers of
each group and over all layers, with Early-Bird's mask distance beside them; and, in a figure of its
own, for every layer by itself.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loft.core.errors import UserError
from loft.core.files.checkpoint import check_tensors, read_arrays
from loft.core.reporting.checked_lines import fitted
from loft.core.reporting.figure_style import Panel, panels, whole_numbers
from loft.tickets.results.schema.distances import Whose

COLUMNS = 3  # panels beside each other
LAYER_COLUMNS = 5
COLOURS = "cividis"  # even in lightness, to every eye and in grey
FILTERS = "filters/"

Array = NDArray[np.float64]


def figure1(pairs: list[Path], paths: list[Path]) -> None:
    """Draw the heat maps of every network; means over seeds where there are several.

    Element (i, j) is the distance from epoch i's ranking to epoch j's: rows are where it is from.

    Args:
        pairs: files that `loft distance` wrote beside norms, one for each network and seed.
        paths: files to write.
    """
    drawn = [maps for network in _by_network(pairs).items() for maps in _maps(*network)]
    with panels(paths, len(drawn), COLUMNS, width=3.3, height=2.9) as grid:
        for axes, (title, array, first) in zip(grid, drawn, strict=True):
            _heatmap(axes, title, array, first)


def layers(pairs: list[Path], paths: list[Path]) -> None:
    """Draw a heat map of every convolution of every network, from the same files."""
    drawn = [
        (f"{network}\n{name.removeprefix(FILTERS)}", array)
        for network, arrays in _by_network(pairs).items()
        for name, array in sorted(arrays.items())
        if name.startswith(FILTERS)
    ]
    with panels(paths, len(drawn), LAYER_COLUMNS, width=2.6, height=2.2) as grid:
        for axes, (title, array) in zip(grid, drawn, strict=True):
            _heatmap(axes, title, array, 0)


def _by_network(pairs: list[Path]) -> dict[str, dict[str, Array]]:
    """Return network and data set -> what was compared -> distances, the mean over seeds."""
    seeds: dict[str, list[dict[str, Array]]] = {}
    seen: dict[tuple[Any, ...], Path] = {}
    for path in pairs:
        read, about = _read(path)
        if (other := seen.setdefault(about.whose(), path)) is not path:
            raise UserError(f"{path}: found the same pretraining as in {other}; expected it once")
        arrays = {name: array.astype(np.float64) for name, array in read.items()}
        found = seeds.setdefault(f"{about.model}, {about.dataset}", [])
        found.append(arrays)
        if _shapes(arrays) != _shapes(found[0]):
            raise UserError(f"{path}: found other layers or epochs than another seed has")
    return {
        network: {name: np.mean([arrays[name] for arrays in found], axis=0) for name in found[0]}
        for network, found in seeds.items()
    }


def _shapes(arrays: dict[str, Array]) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in arrays.items()}


def _read(path: Path) -> tuple[dict[str, NDArray[Any]], Whose]:
    """Read distances and whose they are. Raises UserError where they are not what they should be.

    Those of filters are (epochs + 1, epochs + 1), those of masks (epochs, epochs).
    """
    arrays, text = read_arrays(path)
    try:
        about = fitted(Whose, json.loads(text), f"{path}: about")
        epochs = len(arrays["masks"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError(
            f"{path}: not distances between epochs; make it with 'loft distance'"
        ) from None
    if not epochs:
        raise UserError(f"{path}: masks: found no epoch; expected one or more")
    filters = [name for name in arrays if name.startswith(FILTERS)] or [f"{FILTERS}stem.conv"]
    expected = dict.fromkeys(filters, (epochs + 1, epochs + 1)) | {"masks": (epochs, epochs)}
    check_tensors(path, arrays, expected)
    return arrays, about


def _maps(network: str, arrays: dict[str, Array]) -> list[tuple[str, Array, int]]:
    """Return a network's heat maps: title, distances, the epoch of the first row.

    A group is what layer names begin with, such as `layer2`. One of a single convolution, the
    stem, has no heat map of its own.
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


def _heatmap(axes: Panel, title: str, array: Array, first: int) -> None:
    """Draw one heat map, an image: an SVG of 111 x 111 cells would be megabytes."""
    start, end = first - 0.5, first + len(array) - 0.5
    image = axes.imshow(array, COLOURS, vmin=0, extent=(start, end, end, start))
    axes.figure.colorbar(image, ax=axes)
    axes.grid(visible=False)
    axes.set(title=title, xlabel="to epoch", ylabel="from epoch")
    whole_numbers(axes.xaxis)
    whole_numbers(axes.yaxis)
