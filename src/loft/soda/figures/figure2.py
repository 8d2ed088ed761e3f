"""Draw Figure 2: exchanged entries and bytes against p."""

from pathlib import Path

from loft.core.reporting.figure_style import Panel, logarithmic, note, panels
from loft.soda.drawing import BLUE, CYAN, ORANGE, RED, drawn, empty
from loft.soda.jobs import Shown
from loft.soda.measurements import Job, Row
from loft.soda.tables import exchanges

TITLE = "Figure 2"
CAPTION = """
Entries, and bytes, exchanged in both directions until the target, against p. Blue: runs that
reached it; red: how many did not within the stated epochs; orange: what is expected when failures
are paid for too; the line: DAve-PG. An entry costs 8 bytes and its index 4, unless the whole vector
is shorter, so that bytes fall less than entries.
"""


def draw(paths: list[Path], problems: list[Shown], jobs: list[Job], runs: list[Row]) -> None:
    """Draw exchanged entries, and bytes, against p, with failures in red at the bottom."""
    found, missing = drawn(problems, jobs, 2)
    with panels(paths, 2 * max(1, len(found)), 2, width=4.4, height=3.4) as grid:
        note(grid, missing)
        for number, (shown, name) in enumerate(found):
            own = [row for row in runs if row["problem"] == shown.problem]
            left, right = grid[2 * number : 2 * number + 2]
            _against_p(left, own, ("entries_up", "entries_down"), "expected_entries")
            _against_p(right, own, ("bytes_up", "bytes_down"), "expected_bytes")
            left.set(title=name, ylabel="entries exchanged")
            right.set(title=name, ylabel="bytes exchanged")
            right.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        if not found:
            empty(grid)


def _against_p(axes: Panel, rows: list[Row], counted: tuple[str, str], expected: str) -> None:
    masked = [row for row in rows if row["p"] != 1]
    reached = [row for row in masked if row["outcome"] == "converged"]
    axes.plot(
        [row["p"] for row in reached],
        [sum(row[name] for name in counted) for row in reached],
        "o",
        color=BLUE,
        alpha=0.45,
        markersize=5,
        label="a run at the target",
    )
    means = exchanges.make(rows)
    if all(row["entries"] is None for row in means):
        axes.set_axis_off()
        axes.text(0.5, 0.5, "no run reached the target", ha="center", transform=axes.transAxes)
        return
    known = [row for row in means if row[expected] is not None and row["p"] != 1]
    axes.plot(
        [row["p"] for row in known],
        [row[expected] for row in known],
        "*",
        color=ORANGE,
        markersize=10,
        markeredgecolor="white",
        markeredgewidth=0.5,
        label="expected",
    )
    for row in (row for row in means if row["p"] == 1 and row[expected] is not None):
        axes.axhline(row[expected], color=CYAN, linewidth=2, label="DAve-PG (p = 1)")
    axes.set(yscale="log", xlabel="p", xlim=(min(row["p"] for row in means) / 2, 2))
    logarithmic(axes, (1,))
    _failures(axes, [row for row in means if row["p"] != 1])


def _failures(axes: Panel, means: list[Row]) -> None:
    """Write how many runs of each p failed, in red at the bottom, with room above them."""
    low, high = axes.get_ylim()
    axes.set_ylim(low * (low / high) ** 0.18, high)
    for row in means:
        axes.annotate(
            str(row["failures"]),
            (row["p"], 0.03),
            xycoords=("data", "axes fraction"),
            color=RED,
            ha="center",
        )
    axes.plot([], [], linestyle="", marker="$n$", color=RED, label="runs that failed")
