"""The steps of this study, `loft soda <step>`: parsing only, each imports what it needs."""

import argparse
from collections.abc import Callable
from pathlib import Path

Run = Callable[[argparse.Namespace], None]

SAMPLES = ("--samples", "made by 'loft soda samples'")
OPTIMUM = ("--optimum", "made by 'loft soda optimum'")
METRICS = ("--metrics", "JSON lines to write: what was measured")
OUT = ("--out", "file to write")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the steps in the order in which a run takes them."""
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)

    def step(name: str, run: Run, text: str, *paths: tuple[str, str]) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = steps.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        for option, meaning in paths:
            added.add_argument(option, type=Path, required=True, metavar="PATH", help=meaning)
        return added

    def settings(*to: argparse.ArgumentParser) -> None:
        for added in to:
            text = "what the step is told"
            added.add_argument("--settings", required=True, metavar="JSON", help=text)

    def lines(to: argparse.ArgumentParser) -> None:
        text = "what the jobs measured, metrics.jsonl files"
        to.add_argument("--metrics", type=Path, required=True, nargs="+", metavar="PATH", help=text)

    text = "Read or generate a problem's samples and normalise them."
    samples = step("samples", _samples, text, OUT)
    text = "Find a problem's minimiser by an independent solver."
    optimum = step("optimum", _optimum, text, SAMPLES, OUT, METRICS)
    text = "Simulate SODA's events with one probability, repeatedly."
    simulate = step("simulate", _simulate, text, SAMPLES, OPTIMUM, METRICS)
    text = "Run SODA's master and workers as real processes."
    processes = step("processes", _processes, text, SAMPLES, OPTIMUM, METRICS)
    folder = ("--out", "folder for the tables")
    tables = step("tables", _tables, "Make Table 1 and the tables behind the figures.", folder)
    folder = ("--out", "folder for the figures")
    figures = step("figures", _figures, "Draw Figures 1, 2 and 3.", folder)
    text = "Set SODA's bytes beside LoFT's."
    compare = step("compare", _compare, text, OUT)
    text = "CSV of LoFT's Table 1; without it its rows read 'not run'"
    compare.add_argument("--tickets", type=Path, metavar="PATH", help=text)
    settings(samples, optimum, simulate, processes, tables, figures, compare)
    for reads in (tables, figures, compare):
        lines(reads)


def _samples(given: argparse.Namespace) -> None:
    from loft.soda.jobs import SamplesJob
    from loft.soda.stages import samples

    samples.run(SamplesJob.parse(given.settings), given.out)


def _optimum(given: argparse.Namespace) -> None:
    from loft.soda.jobs import OptimumJob
    from loft.soda.stages import optimum

    optimum.run(OptimumJob.parse(given.settings), given.samples, given.out, given.metrics)


def _simulate(given: argparse.Namespace) -> None:
    from loft.soda.jobs import SimulateJob
    from loft.soda.stages import simulate

    simulate.run(SimulateJob.parse(given.settings), given.samples, given.optimum, given.metrics)


def _processes(given: argparse.Namespace) -> None:
    from loft.soda.jobs import ProcessesJob
    from loft.soda.stages import processes

    processes.run(ProcessesJob.parse(given.settings), given.samples, given.optimum, given.metrics)


def _tables(given: argparse.Namespace) -> None:
    from loft.soda.jobs import ReportJob
    from loft.soda.stages import tables

    tables.run(ReportJob.parse(given.settings), given.metrics, given.out)


def _figures(given: argparse.Namespace) -> None:
    from loft.soda.jobs import ReportJob
    from loft.soda.stages import figures

    figures.run(ReportJob.parse(given.settings), given.metrics, given.out)


def _compare(given: argparse.Namespace) -> None:
    from loft.soda.jobs import ReportJob
    from loft.soda.stages import compare

    compare.run(ReportJob.parse(given.settings), given.metrics, given.tickets, given.out)
