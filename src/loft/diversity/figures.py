"""Draw Figures 1, 2 and 3 from the jobs' lines."""

from pathlib import Path

import numpy as np

from loft.core.reporting.figure_style import Panel, decades, logarithmic, panels
from loft.diversity.jobs import ReportJob
from loft.diversity.tables import Jobs, interval, of_kind, ratios
from loft.diversity.time_tables import passes_table, speedup_table

COLOURS = {"none": "#0072b2", "dropconnect": "#d55e00", "sgld": "#009e73", "qsgd": "#cc79a7"}
NAMES = {"none": "none", "dropconnect": "DropConnect", "sgld": "Langevin", "qsgd": "QSGD"}
STYLES = ["-", "--", "-.", ":"]
SHADES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"]
SIZE = 3.2, 2.7  # of a panel, inches
WIDE = 4.8, 2.7


def figure1(jobs: Jobs, job: ReportJob, paths: list[Path]) -> None:
    """Draw speed-up for a pass against workers: measured as marks, modelled as lines."""
    table = speedup_table(jobs, job.network, job.modelled)
    with panels(paths, 1, 1, *WIDE) as (axes,):
        for colour, (batch, own) in zip(SHADES, table.groupby("batch"), strict=False):
            for kind, part in own.groupby("kind"):
                look = {"marker": "o", "ls": "", "ms": 5} if kind == "measured" else {"ls": "--"}
                text = f"B = {batch}, {kind}"
                axes.plot(part["workers"], part["speedup"], color=colour, label=text, **look)
        axes.set(xlabel="workers", ylabel="speed-up, one pass")
        logarithmic(axes)
        decades(axes)
        axes.set_title(f"{table['model'][0]}, {of_kind(jobs, 'pass')[0]['dataset']}")
        axes.legend(fontsize="x-small", frameon=False, bbox_to_anchor=(1, 1))


def figure2(jobs: Jobs, job: ReportJob, paths: list[Path]) -> None:
    """Draw passes to the accuracy against the batch size.

    Markers are open if a repetition did not reach it, and crosses if none did.
    """
    table = passes_table(jobs, job.confidence)
    most = of_kind(jobs, "job", "passes")[0]["settings"]["passes"]["passes"]
    with panels(paths, 1, 1, *SIZE) as (axes,):
        errors = [table["passes"] - table["low"], table["high"] - table["passes"]]
        axes.errorbar(table["batch"], table["passes"], yerr=errors, color=SHADES[0], capsize=2)
        for missed, own in table.groupby(table["missed"] > 0):
            face = "white" if missed else SHADES[0]
            axes.plot(own["batch"], own["passes"], "o", color=SHADES[0], markerfacecolor=face)
        never = table.loc[table["samples"] == 0, "batch"]
        axes.plot(never, [most] * len(never), "x", color=SHADES[1], label=f"not in {most}")
        accuracy = table["accuracy"][0]
        axes.set(xlabel="batch size", ylabel=f"passes to {accuracy:g} % in training")
        axes.set(
            xlim=(table["batch"].min() / 1.5, table["batch"].max() * 1.5), ylim=(0, 1.1 * most)
        )
        logarithmic(axes)
        axes.set_title(f"{table['model'][0]}, {of_kind(jobs, 'passes')[0]['dataset']}")
        if len(never):
            axes.legend(fontsize="x-small", frameon=False)


def figure3(jobs: Jobs, job: ReportJob, paths: list[Path]) -> None:
    """Draw the ratio of losses: by replication for logistic regression, otherwise by passes."""
    found = ratios(jobs)
    about = {line["model"]: line for line in of_kind(jobs, "job", "replication")}
    with panels(paths, len(about), len(about), *SIZE) as grid:
        for axes, (model, line) in zip(grid, about.items(), strict=True):
            own = {key[1:]: curves for key, curves in found.items() if key[0] == model}
            settings = line["settings"]["replication"]
            if model == "logistic":
                _by_replication(axes, own, job.confidence)
            else:
                _over_passes(axes, own, settings["passes"])
            small, large = (batch["size"] for batch in settings["batches"])
            axes.set_title(f"{model}, {line['dataset']}")
            axes.set_ylabel(f"loss, B = {large} over {small}")
            axes.legend(fontsize="x-small", frameon=False)


def _by_replication(
    axes: Panel, found: dict[tuple[str, int], dict[int, list[float]]], confidence: float
) -> None:
    factors = sorted({factor for _, factor in found})
    for name in dict.fromkeys(name for name, _ in found):
        own = [factor for factor in factors if (name, factor) in found]
        rows = [
            interval((float(np.mean(c)) for c in found[name, r].values()), confidence) for r in own
        ]
        mean, low, high = np.array(rows).T
        axes.errorbar(
            [factors.index(factor) for factor in own],
            mean,
            yerr=[mean - low, high - mean],
            color=COLOURS[name],
            label=NAMES[name],
            marker="o",
            ms=4,
            lw=1.2,
            capsize=2,
        )
    decades(axes)  # where classes can be told apart the small batches' loss nears 0
    axes.set_xticks(range(len(factors)), [str(factor) for factor in factors])
    axes.set_xlabel("replication r")


def _over_passes(
    axes: Panel, found: dict[tuple[str, int], dict[int, list[float]]], passes: int
) -> None:
    factors = sorted({factor for _, factor in found})
    for (name, factor), curves in found.items():
        if curves:
            mean = np.mean([*curves.values()], axis=0)
            at = passes * np.arange(1, len(mean) + 1) / len(mean)
            style = STYLES[factors.index(factor) % len(STYLES)]
            text = f"{factor}-R" if name == "none" else f"{factor}-R, {NAMES[name]}"
            axes.plot(at, mean, color=COLOURS[name], ls=style, lw=1.4, label=text)
    axes.axhline(1, color="black", lw=0.6)
    axes.set_xlabel("passes over the data")
