"""Draw Figure 2: passes to an accuracy against the batch size."""

from pathlib import Path

import pandas as pd

from loft.core.reporting.figure_style import logarithmic, panels
from loft.diversity.measurements import Jobs, of_kind

TITLE = "Figure 2"
CAPTION = """
Passes over the data until the training samples are classified as well as the run asks, for batches
of several sizes (figure 2 of "Gradient Diversity"), steps tuned for each.
"""
REACHED, NEVER = "#0072b2", "#d55e00"
SIZE = 3.2, 2.7  # of the panel, inches


def draw(paths: list[Path], jobs: Jobs, passes: pd.DataFrame) -> None:
    """Draw passes to the accuracy against the batch size.

    Markers are open if a repetition did not reach it, and crosses if none did.
    """
    most = of_kind(jobs, "job", "passes")[0]["most_passes"]
    with panels(paths, 1, 1, *SIZE) as (axes,):
        errors = [passes["passes"] - passes["low"], passes["high"] - passes["passes"]]
        axes.errorbar(passes["batch"], passes["passes"], yerr=errors, color=REACHED, capsize=2)
        for missed, own in passes.groupby(passes["missed"] > 0):
            face = "white" if missed else REACHED
            axes.plot(own["batch"], own["passes"], "o", color=REACHED, markerfacecolor=face)
        never = passes.loc[passes["samples"] == 0, "batch"]
        axes.plot(never, [most] * len(never), "x", color=NEVER, label=f"not in {most}")
        accuracy = passes["accuracy"][0]
        axes.set(xlabel="batch size", ylabel=f"passes to {accuracy:g} % in training")
        axes.set(
            xlim=(passes["batch"].min() / 1.5, passes["batch"].max() * 1.5), ylim=(0, 1.1 * most)
        )
        logarithmic(axes)
        axes.set_title(f"{passes['model'][0]}, {of_kind(jobs, 'passes')[0]['dataset']}")
        if len(never):
            axes.legend(fontsize="x-small", frameon=False)
