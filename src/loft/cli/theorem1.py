"""Add the steps of the study of LoFT's Theorem 1 to the command line."""

import argparse
from pathlib import Path

from loft.cli.options import AddStep, path, paths, processes, settings


def add(step: AddStep) -> None:
    """Add the steps, in the order in which a run takes them."""
    train = step("theorem1", _train, "Train with LoFT and gradient descent side by side.")
    settings(train)
    text = "images, made by 'loft data', where the step trains on them"
    train.add_argument("--data", type=Path, metavar="PATH", help=text)
    path(train, "--metrics", "JSON lines to write: what was measured")

    report = step("theorem1-report", _report, "Make Theorem 1's tables and summary.")
    figures = step("theorem1-figures", _figures, "Draw Theorem 1's figures.")
    for made in (report, figures):
        settings(made)
        paths(made, "--metrics", "what 'loft theorem1' measured, metrics.jsonl files")
        path(made, "--out", "folder to write to")
    processes(figures)


def _train(given: argparse.Namespace) -> None:
    from loft.theorem1 import train
    from loft.theorem1.job import Theorem1Job

    train.run(Theorem1Job.parse(given.settings), given.data, given.metrics)


def _report(given: argparse.Namespace) -> None:
    from loft.theorem1 import make_tables
    from loft.theorem1.job import Theorem1ReportJob

    make_tables.run(Theorem1ReportJob.parse(given.settings), given.metrics, given.out)


def _figures(given: argparse.Namespace) -> None:
    from loft.theorem1 import draw_figures
    from loft.theorem1.job import Theorem1ReportJob

    job = Theorem1ReportJob.parse(given.settings)
    draw_figures.run(job, given.metrics, given.out, given.processes)
