"""Style figures with seaborn, readable in print, and save them as SVG and PNG."""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")  # files only; before pyplot is imported

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from loft.core.files.atomic import write_bytes

Panel = Axes
DPI = 200
CANVASES = {
    "svg": (FigureCanvasSVG, 72, {"Date": None}),
    "png": (FigureCanvasAgg, DPI, {"Software": None}),
}


@contextmanager
def panels(
    paths: list[Path], count: int, columns: int, width: float, height: float
) -> Iterator[list[Panel]]:
    """Make a figure of `count` panels, row by row; save it to every path at the end.

    The files hold no date and no random identifiers: the same data give the same bytes.

    Args:
        paths: files to write, SVG or PNG by their suffix.
        count: number of panels.
        columns: largest number of panels in a row.
        width, height: of a panel, in inches.
    """
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    look: dict[str, Any] = {"axes.spines.top": False, "axes.spines.right": False}
    with (
        sns.axes_style("whitegrid", look),
        sns.plotting_context("paper", font_scale=1.15),
        mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "loft"}),
    ):
        size = (columns * width, rows * height)
        drawing, grid = plt.subplots(
            rows, columns, figsize=size, layout="constrained", squeeze=False
        )
        for unused in grid.flat[count:]:
            unused.set_axis_off()
        yield list(grid.flat[:count])
        for path in paths:
            write_bytes(path, _saved(drawing, path.suffix[1:]))
        plt.close(drawing)


def _saved(drawing: Figure, form: str) -> bytes:
    """Return the bytes of a figure's file. Laying it out here saves drawing it twice."""
    canvas, dpi, metadata = CANVASES[form]
    canvas(drawing)
    drawing.set_dpi(dpi)
    engine, content = drawing.get_layout_engine(), io.BytesIO()
    assert engine is not None
    for axes in drawing.axes:
        axes.apply_aspect()
    engine.execute(drawing)
    drawing.set_layout_engine(None)
    drawing.savefig(content, format=form, dpi=DPI, metadata=metadata)
    drawing.set_layout_engine(engine)
    return content.getvalue()


def whole_numbers(axis: Axis) -> None:
    """Put the ticks of an axis at a few whole numbers only."""
    axis.set_major_locator(MaxNLocator(nbins="auto", integer=True))


def note(grid: list[Panel], text: str) -> None:
    """Write a line below all panels."""
    if text and grid[0].figure is not None:
        grid[0].figure.supxlabel(text, fontsize="small", color="dimgrey")


def logarithmic(axes: Panel, marks: tuple[int, ...] = (1, 2, 5)) -> None:
    """Make the horizontal axis logarithmic, with ticks at some multiples of powers of ten."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=marks))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())


def decades(axes: Panel) -> None:
    """Make the vertical axis logarithmic; call it after drawing.

    Ticks are at powers of ten and, where fewer than two are visible, also at 2 and 5 times these.
    """
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    if high < 100 * low:
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_locator(NullLocator())
