"""Add the steps of the study of gradient diversity to the command line."""

import argparse
from typing import Any

from loft.cli.options import AddStep, path, paths, processes, settings


def add(step: AddStep) -> None:
    """Add the steps, in the order in which a run takes them."""
    text = "Train a model with small and large batches on replicated data."
    replication = step("diversity-replication", _replication, text)
    passes = step("diversity-passes", _passes, "Count passes to an accuracy by batch size.")
    speedup = step("diversity-speedup", _speedup, "Time a pass over the data in processes.")
    text = "Train with DropConnect in two processes to an accuracy."
    dropconnect = step("diversity-dropconnect", _dropconnect, text)
    for run in (replication, passes, speedup, dropconnect):
        path(run, "--data", "images, made by 'loft data'")
    text = "Hold the paper's statements against problems with known constants."
    statements = step("diversity-statements", _statements, text)
    for run in (replication, passes, speedup, dropconnect, statements):
        path(run, "--metrics", "JSON lines to write: what was measured")
    tables = step("diversity-tables", _tables, "Make the study's tables.")
    figures = step("diversity-figures", _figures, "Draw the study's figures.")
    text = "Make tables and a figure of diversity in local training."
    rounds = step("diversity-rounds", _rounds, text)
    for made in (tables, figures, rounds):
        paths(made, "--metrics", "what the study's steps measured, metrics.jsonl files")
        path(made, "--out", "folder to write to")
    for drawn in (figures, rounds):
        processes(drawn)
    for every in (replication, passes, speedup, dropconnect, statements, tables, figures):
        settings(every)


def check(run: Any) -> None:
    """Check that the machine can run this study. Raises UserError."""
    from loft.diversity.steps import check

    check.run(run)


def _replication(given: argparse.Namespace) -> None:
    from loft.diversity.jobs import ReplicationJob
    from loft.diversity.steps import replication

    replication.run(ReplicationJob.parse(given.settings), given.data, given.metrics)


def _passes(given: argparse.Namespace) -> None:
    from loft.diversity.jobs import PassesJob
    from loft.diversity.steps import passes

    passes.run(PassesJob.parse(given.settings), given.data, given.metrics)


def _speedup(given: argparse.Namespace) -> None:
    from loft.diversity.jobs import SpeedupJob
    from loft.diversity.steps import speedup

    speedup.run(SpeedupJob.parse(given.settings), given.data, given.metrics)


def _dropconnect(given: argparse.Namespace) -> None:
    from loft.diversity.jobs import DropConnectJob
    from loft.diversity.steps import dropconnect

    dropconnect.run(DropConnectJob.parse(given.settings), given.data, given.metrics)


def _statements(given: argparse.Namespace) -> None:
    from loft.diversity.jobs import StatementsJob
    from loft.diversity.steps import statements

    statements.run(StatementsJob.parse(given.settings), given.metrics)


def _tables(given: argparse.Namespace) -> None:
    from loft.diversity.jobs import ReportJob
    from loft.diversity.steps import tables

    tables.run(ReportJob.parse(given.settings), given.metrics, given.out)


def _figures(given: argparse.Namespace) -> None:
    from loft.diversity.jobs import ReportJob
    from loft.diversity.steps import figures

    job = ReportJob.parse(given.settings)
    figures.run(job, given.metrics, given.out, given.processes)


def _rounds(given: argparse.Namespace) -> None:
    from loft.diversity.steps import rounds

    rounds.run(given.metrics, given.out, given.processes)
