"""Read the distances between all pairs of epochs of the dense column; draw them as heat maps.

Dark is near, light is far, as in the paper. Element (i, j) is the distance from epoch i's ranking
to epoch j's.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loft.core.errors import UserError
from loft.core.files.checkpoint import check_tensors, read_arrays
from loft.core.reporting.checked_lines import fitted
from loft.core.reporting.figure_style import Panel, whole_numbers
from loft.tickets.results.schema.distances import OfPretraining

COLOURS = "cividis"  # lightness rises evenly, also for colour-blind readers and in grey
FILTERS = "filters/"

Array = NDArray[np.float64]
Pairs = dict[str, dict[str, Array]]


def read_pairs(paths: list[Path]) -> Pairs:
    """Return network and data set -> layer or "masks" -> distances, averaged over seeds.

    Args:
        paths: files that `loft distance` wrote beside norms, one for each network and seed.

    Raises:
        UserError: a file is missing or damaged, or seeds differ in layers or epochs.
    """
    seeds: dict[str, list[dict[str, Array]]] = {}
    seen: dict[tuple[Any, ...], Path] = {}
    for path in paths:
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


def _read(path: Path) -> tuple[dict[str, NDArray[Any]], OfPretraining]:
    """Read distances and the pretraining that they belong to. Raises UserError if damaged.

    Distances of filters are (epochs + 1, epochs + 1), those of masks (epochs, epochs).
    """
    arrays, text = read_arrays(path)
    try:
        about = fitted(OfPretraining, json.loads(text), f"{path}: about")
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


def heatmap(axes: Panel, title: str, array: Array, first: int) -> None:
    """Draw one heat map as an image: 111 x 111 rectangles would make SVG files of megabytes."""
    start, end = first - 0.5, first + len(array) - 0.5
    image = axes.imshow(array, COLOURS, vmin=0, extent=(start, end, end, start))
    axes.figure.colorbar(image, ax=axes)
    axes.grid(visible=False)
    axes.set(title=title, xlabel="to epoch", ylabel="from epoch")
    whole_numbers(axes.xaxis)
    whole_numbers(axes.yaxis)
