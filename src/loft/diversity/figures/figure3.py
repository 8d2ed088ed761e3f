"""Draw Figure 3: loss with large over loss with small batches, on replicated data."""

from pathlib import Path

import numpy as np

from loft.core.reporting.figure_style import Panel, decades, panels
from loft.core.reporting.verdicts.intervals import geometric
from loft.diversity.measurements import Jobs, of_kind, ratios

TITLE = "Figure 3"
CAPTION = """
Loss of large batches over that of small ones on data replicated r times, steps tuned for each
configuration (figure 3 of "Gradient Diversity"). Above 1, large batches converge more slowly.
"""
COLOURS = {"none": "#0072b2", "dropconnect": "#d55e00", "sgld": "#009e73", "qsgd": "#cc79a7"}
NAMES = {"none": "none", "dropconnect": "DropConnect", "sgld": "Langevin", "qsgd": "QSGD"}
STYLES = ["-", "--", "-.", ":"]
SIZE = 3.2, 2.7  # of a panel, inches


def draw(paths: list[Path], jobs: Jobs, confidence: float) -> None:
    """Draw the ratio of losses: by replication for logistic regression, otherwise by passes."""
    found = ratios(jobs)
    about = {line["model"]: line for line in of_kind(jobs, "job", "replication")}
    with panels(paths, len(about), len(about), *SIZE) as grid:
        for axes, (model, line) in zip(grid, about.items(), strict=True):
            own = {key[1:]: curves for key, curves in found.items() if key[0] == model}
            if model == "logistic":
                _by_replication(axes, own, confidence)
            else:
                _over_passes(axes, own, line["passes"])
            small, large = line["batches"]
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
            geometric([float(np.mean(c)) for c in found[name, r].values()], confidence) for r in own
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
