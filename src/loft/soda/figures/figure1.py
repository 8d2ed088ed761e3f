"""Draw Figure 1: suboptimality against time and epochs, and the support over time."""

from pathlib import Path

from loft.core.reporting.figure_style import logarithmic, note, panels
from loft.soda.drawing import curves_of, drawn, empty, look, mark_optimum, percent
from loft.soda.jobs import Shown
from loft.soda.measurements import Job

TITLE = "Figure 1"
CAPTION = """
Suboptimality relative to the optimum's value, against simulated time and epochs, and the share of
non-zero entries over time, for DAve-PG and SODA with several p. An event takes two messages'
latency, its bytes over the bandwidth and two products with a worker's samples, at a speed drawn by
seed; without the network's share the methods would hardly differ, as epochs hardly depend on p
until it is small.
"""


def draw(paths: list[Path], problems: list[Shown], jobs: list[Job]) -> None:
    """Draw suboptimality against time and epochs, and the support over time."""
    found, missing = drawn(problems, jobs, 1)
    with panels(paths, 3 * max(1, len(found)), 3, width=3.7, height=3.0) as grid:
        note(grid, missing)
        for row, (shown, name) in enumerate(found):
            by_time, by_epoch, support = grid[3 * row : 3 * row + 3]
            curves = curves_of(shown, jobs)
            for p, line in curves:
                drawn_so = look(p, curves)
                by_time.plot(line["time"], line["suboptimality"], **drawn_so)
                by_epoch.plot(line["epoch"], line["suboptimality"], **drawn_so)
                support.plot(line["time"], percent(line, shown, jobs), **drawn_so)
            by_time.set(xlabel="simulated time, s", ylabel="suboptimality", yscale="log")
            by_epoch.set(xlabel="epoch", ylabel="suboptimality", yscale="log")
            support.set(xlabel="simulated time, s", ylabel="support of w, %", ylim=(0, None))
            logarithmic(support, (1,))
            by_epoch.set_title(name)
            mark_optimum(support, shown, jobs)
            support.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        if not found:
            empty(grid)
