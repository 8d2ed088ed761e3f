"""Add the steps of the study of SODA to the command line."""

import argparse
from pathlib import Path

from loft.cli.options import AddStep, originals, path, paths, settings
from loft.cli.options import processes as at_a_time


def add(step: AddStep) -> None:
    """Add the steps, in the order in which a run takes them."""
    samples = step("soda-samples", _samples, "Read or generate a problem's samples.")
    path(samples, "--out", "npz file to write")
    originals(samples)
    optimum = step("soda-optimum", _optimum, "Find a problem's minimiser, independently of SODA.")
    path(optimum, "--out", "npz file to write")
    simulate = step("soda-simulate", _simulate, "Simulate SODA with one probability, repeatedly.")
    processes = step("soda-processes", _processes, "Run SODA's master and workers as processes.")
    for run in (optimum, simulate, processes):
        path(run, "--samples", "made by 'loft soda-samples'")
        path(run, "--metrics", "JSON lines to write: what was measured")
    for run in (simulate, processes):
        path(run, "--optimum", "made by 'loft soda-optimum'")

    tables = step("soda-tables", _tables, "Make SODA's Table 1 and those behind its figures.")
    path(tables, "--out", "folder to write to")
    figures = step("soda-figures", _figures, "Draw SODA's Figures 1, 2 and 3.")
    path(figures, "--out", "folder to write to")
    at_a_time(figures)
    compare = step("soda-compare", _compare, "Set SODA's bytes beside LoFT's.")
    path(compare, "--out", "folder to write to")
    text = "CSV of LoFT's Table 1; without it its rows read 'not run'"
    compare.add_argument("--tickets", type=Path, metavar="PATH", help=text)
    for made in (tables, figures, compare):
        paths(made, "--metrics", "what SODA's steps measured, metrics.jsonl files")
    for every in (samples, optimum, simulate, processes, tables, figures, compare):
        settings(every)


def _samples(given: argparse.Namespace) -> None:
    from loft.soda.jobs import SamplesJob
    from loft.soda.steps import samples

    samples.run(SamplesJob.parse(given.settings), given.out, given.originals, given.cache)


def _optimum(given: argparse.Namespace) -> None:
    from loft.soda.jobs import OptimumJob
    from loft.soda.steps import optimum

    optimum.run(OptimumJob.parse(given.settings), given.samples, given.out, given.metrics)


def _simulate(given: argparse.Namespace) -> None:
    from loft.soda.jobs import SimulateJob
    from loft.soda.steps import simulate

    simulate.run(SimulateJob.parse(given.settings), given.samples, given.optimum, given.metrics)


def _processes(given: argparse.Namespace) -> None:
    from loft.soda.jobs import ProcessesJob
    from loft.soda.steps import processes

    processes.run(ProcessesJob.parse(given.settings), given.samples, given.optimum, given.metrics)


def _tables(given: argparse.Namespace) -> None:
    from loft.soda.jobs import ReportJob
    from loft.soda.steps import tables

    tables.run(ReportJob.parse(given.settings), given.metrics, given.out)


def _figures(given: argparse.Namespace) -> None:
    from loft.soda.jobs import ReportJob
    from loft.soda.steps import figures

    job = ReportJob.parse(given.settings)
    figures.run(job, given.metrics, given.out, given.processes)


def _compare(given: argparse.Namespace) -> None:
    from loft.soda.jobs import ReportJob
    from loft.soda.steps import compare

    compare.run(ReportJob.parse(given.settings), given.metrics, given.tickets, given.out)
