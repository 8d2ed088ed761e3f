"""Draw Figures 1, 2 and 3 from the metrics files. DAve-PG is dashed."""

from pathlib import Path
from typing import Any

import seaborn as sns

from loft.core.reporting.figure_style import Panel, logarithmic, note, panels
from loft.core.reporting.metrics import Line
from loft.soda.jobs import ReportJob, Shown
from loft.soda.paper_table1 import FIGURES
from loft.soda.tables import Job, Row, exchanges, only, optima, runs, title

BLUE, ORANGE, CYAN, RED, DARK = ("#0072b2", "#de8f05", "#17a2b8", "#c1272d", "#222222")
Curve = tuple[float, Line]  # p, and what was measured


def drawn(job: ReportJob, jobs: list[Job], figure: int) -> tuple[list[tuple[Shown, str]], str]:
    """Return a figure's problems with their titles, and the paper's data sets that were not run."""
    found, datasets = [], set()
    for shown in job.problems:
        if figure in shown.figures:
            about = optima(jobs)[shown.problem]
            datasets.add(about["dataset"])
            name = title(shown, about["dataset"])
            found.append((shown, f"{name}, {_weight(about['lambda_1'])}"))
    absent = [name for name in FIGURES[figure] if name not in datasets]
    return found, f"not run: {', '.join(absent)}" if absent else ""


def _weight(lambda_1: float) -> str:
    digits, _, exponent = f"{lambda_1:.0e}".partition("e")
    times = "" if digits == "1" else f"{digits} \\cdot "
    return f"$\\lambda_1 = {times}10^{{{int(exponent)}}}$"


def figure1(job: ReportJob, jobs: list[Job], paths: list[Path]) -> None:
    """Draw suboptimality against time and epochs, and the support over time."""
    problems, missing = drawn(job, jobs, 1)
    with panels(paths, 3 * max(1, len(problems)), 3, width=3.7, height=3.0) as grid:
        note(grid, missing)
        for row, (shown, name) in enumerate(problems):
            by_time, by_epoch, support = grid[3 * row : 3 * row + 3]
            curves = _curves(shown, jobs)
            for p, line in curves:
                look = _look(p, curves)
                by_time.plot(line["time"], line["suboptimality"], **look)
                by_epoch.plot(line["epoch"], line["suboptimality"], **look)
                support.plot(line["time"], _percent(line, shown, jobs), **look)
            by_time.set(xlabel="simulated time, s", ylabel="suboptimality", yscale="log")
            by_epoch.set(xlabel="epoch", ylabel="suboptimality", yscale="log")
            support.set(xlabel="simulated time, s", ylabel="support of w, %", ylim=(0, None))
            logarithmic(support, (1,))
            by_epoch.set_title(name)
            _optimal(support, shown, jobs)
            support.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        if not problems:
            _empty(grid)


def figure2(job: ReportJob, jobs: list[Job], paths: list[Path]) -> None:
    """Draw exchanged entries, and bytes, against p, with failures in red at the bottom."""
    problems, missing = drawn(job, jobs, 2)
    rows = runs(job, jobs)
    with panels(paths, 2 * max(1, len(problems)), 2, width=4.4, height=3.4) as grid:
        note(grid, missing)
        for number, (shown, name) in enumerate(problems):
            own = [row for row in rows if row["problem"] == shown.problem]
            left, right = grid[2 * number : 2 * number + 2]
            _against_p(left, own, ("entries_up", "entries_down"), "expected_entries")
            _against_p(right, own, ("bytes_up", "bytes_down"), "expected_bytes")
            left.set(title=name, ylabel="entries exchanged")
            right.set(title=name, ylabel="bytes exchanged")
            right.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        if not problems:
            _empty(grid)


def figure3(job: ReportJob, jobs: list[Job], paths: list[Path]) -> None:
    """Draw the support over epochs."""
    problems, missing = drawn(job, jobs, 3)
    with panels(paths, max(1, len(problems)), 2, width=5.4, height=3.4) as grid:
        note(grid, missing)
        for axes, (shown, name) in zip(grid, problems, strict=False):
            curves = _curves(shown, jobs)
            for p, line in curves:
                axes.plot(line["epoch"], _percent(line, shown, jobs), **_look(p, curves))
            _optimal(axes, shown, jobs)
            axes.set(title=name, xlabel="epoch", ylabel="support of w, %", ylim=(0, None))
            logarithmic(axes, (1,))
            axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        if not problems:
            _empty(grid)


def _empty(grid: list[Panel]) -> None:
    for axes in grid:
        axes.set_axis_off()


def _curves(shown: Shown, jobs: list[Job]) -> list[Curve]:
    """Return a problem's curves by falling p."""
    found = [
        (job[0]["p"], line)
        for job in only(jobs, "simulate")
        if job[0]["problem"] == shown.problem
        for line in job
        if line["kind"] == "curves"
    ]
    return sorted(found, key=lambda curve: -curve[0])


def _look(p: float, curves: list[Curve]) -> dict[str, Any]:
    if p == 1:
        return {"color": DARK, "label": "DAve-PG (p = 1)", "linewidth": 2, "linestyle": (0, (4, 1))}
    masked = [other for other, _ in curves if other != 1]
    palette = sns.color_palette("viridis", len(masked))
    return {"color": palette[masked.index(p)], "label": f"SODA, p = {p:g}", "linewidth": 1.8}


def _percent(line: Line, shown: Shown, jobs: list[Job]) -> list[float]:
    features = optima(jobs)[shown.problem]["features"]
    return [100 * support / features for support in line["support"]]


def _optimal(axes: Panel, shown: Shown, jobs: list[Job]) -> None:
    about = optima(jobs)[shown.problem]
    level = 100 * about["support"] / about["features"]
    axes.axhline(level, color="grey", linewidth=1, linestyle=":", label="optimum")


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
    means = exchanges(rows)
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
