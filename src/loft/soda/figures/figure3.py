"""Draw Figure 3: the support over epochs."""

from pathlib import Path

from loft.core.reporting.figure_style import logarithmic, note, panels
from loft.soda.drawing import curves_of, drawn, empty, look, mark_optimum, percent
from loft.soda.jobs import Shown
from loft.soda.measurements import Job

TITLE = "Figure 3"
CAPTION = """
The share of non-zero entries over epochs with a small l1 penalty; the dotted line is the optimum's.
"""


def draw(paths: list[Path], problems: list[Shown], jobs: list[Job]) -> None:
    """Draw the support over epochs."""
    found, missing = drawn(problems, jobs, 3)
    with panels(paths, max(1, len(found)), 2, width=5.4, height=3.4) as grid:
        note(grid, missing)
        for axes, (shown, name) in zip(grid, found, strict=False):
            curves = curves_of(shown, jobs)
            for p, line in curves:
                axes.plot(line["epoch"], percent(line, shown, jobs), **look(p, curves))
            mark_optimum(axes, shown, jobs)
            axes.set(title=name, xlabel="epoch", ylabel="support of w, %", ylim=(0, None))
            logarithmic(axes, (1,))
            axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        if not found:
            empty(grid)
