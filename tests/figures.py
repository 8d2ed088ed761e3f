"""Draw a figure without its pixels, which take most of the time, and tell what it shows."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from loft.core.reporting import figure_style


def shown(draw: Callable[..., None], folder: Path, *given: Any) -> str:
    """Draw a figure of `given`; return its panels' texts, lines and bars, a line of text each."""
    told: list[str] = []

    def tell(figure: Figure, _: str) -> bytes:
        told.extend(line for axes in figure.axes for line in _panel(axes))
        if figure.get_supxlabel():
            told.append(f"note: {figure.get_supxlabel()}")
        return b""

    with patch.object(figure_style, "_saved", tell):
        draw([folder / "figure.svg"], *given)
    return "\n".join(told)


def _panel(axes: Axes) -> Iterator[str]:
    yield f"panel: {axes.get_title()}" if axes.axison else "no panel"
    yield f"x: {axes.get_xlabel()}, {axes.get_xscale()}"
    yield f"y: {axes.get_ylabel()}, {axes.get_yscale()}"
    for line in axes.get_lines():
        look = (
            to_hex(line.get_color()),
            line.get_linestyle(),
            line.get_marker(),
            to_hex(line.get_markerfacecolor()),
        )
        yield f"line: {' '.join(map(str, look))}: {_numbers(line.get_xydata())}"
    for bars in axes.collections:
        if isinstance(bars, LineCollection):
            yield f"bars: {[_numbers(segment) for segment in bars.get_segments()]}"
    for text in axes.texts:
        yield f"text: {text.get_text()} at {text.get_position()}"
    legend = axes.get_legend()
    for text in legend.get_texts() if legend else []:
        yield f"legend: {text.get_text()}"


def _numbers(points: Any) -> str:
    return " ".join(f"({x:.6g}, {y:.6g})" for x, y in points)
