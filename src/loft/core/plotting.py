"""How figures look: seaborn, readable in print, saved as SVG and PNG."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")  # files only; before pyplot is imported

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes


@contextmanager
def figure(paths: list[Path], width: float = 6.0, height: float = 3.8) -> Iterator[Axes]:
    """Give axes to draw on, width and height in inches; save them to every path at the end.

    The files hold no date and no random identifiers: the same data give the same bytes.
    """
    with (
        sns.axes_style("whitegrid", {"axes.spines.top": False, "axes.spines.right": False}),
        sns.plotting_context("paper", font_scale=1.15),
        mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "loft"}),
    ):
        drawing, axes = plt.subplots(figsize=(width, height), layout="constrained")
        yield axes
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
            drawing.savefig(path, dpi=200, metadata=metadata)
        plt.close(drawing)
