"""Add the steps of the tickets study to the command line."""

import argparse
import sys
from typing import Any

from loft.cli.options import AddStep, loaders, path, paths, processes, settings, work
from loft.core.errors import UserError


def add(step: AddStep) -> None:
    """Add the steps, in the order in which a run takes them."""
    _add_making(step)
    _add_reporting(step)


def check(run: Any) -> None:
    """Check that the machine can run this study. Raises UserError."""
    from loft.tickets.run import check

    check.run(run)


def _add_making(step: AddStep) -> None:
    """Add the steps that train and prune networks."""
    pretrain = step("pretrain", _pretrain, "Pretrain a network with one method and its workers.")
    settings(pretrain)
    path(pretrain, "--data", "images, made by 'loft data'")
    path(pretrain, "--out", "folder for snapshots and filter norms")
    path(pretrain, "--metrics", "JSON lines to write: what was measured")
    work(pretrain)
    loaders(pretrain)
    text = "let the workers take turns in one process, for fewer devices than workers"
    pretrain.add_argument("--turns", action="store_true", help=text)

    text = "Add up what workers change in a round from a pretraining's snapshots."
    updates = step("updates", _updates, text)
    settings(updates)
    path(updates, "--data", "images, made by 'loft data'")
    path(updates, "--pretrained", "folder of the pretraining")
    path(updates, "--metrics", "JSON lines to write: what was measured")

    prune = step("prune", _prune, "Make the tickets of a pretraining.")
    settings(prune)
    paths(prune, "--pretrained", "folders of pretrainings")

    control = step("control", _control, "Make the tickets of a control.")
    settings(control)
    path(control, "--pretrained", "folder of the dense pretraining")
    path(control, "--out", "folder for the tickets")

    finetune = step("finetune", _finetune, "Fine-tune the tickets of a pretraining.")
    settings(finetune)
    path(finetune, "--data", "images, made by 'loft data'")
    path(finetune, "--pretrained", "folder of the pretraining, with its tickets")
    path(finetune, "--norms", "safetensors file to write: filter norms")
    path(finetune, "--metrics", "JSON lines to write: what was measured")
    work(finetune)
    loaders(finetune)


def _add_reporting(step: AddStep) -> None:
    """Add the steps that measure distances and make tables, figures and plans."""
    distance = step("distance", _distance, "Measure distances between pretraining's epochs.")
    settings(distance)
    paths(distance, "--norms", "recorded norms of pretrainings; pairs are written beside them")
    paths(distance, "--pretrained", "metrics of the same pretrainings, in the same order")
    path(distance, "--metrics", "JSON lines to write: the distances")

    table = step("table", _table, "Make Table 1, its verdicts and the tables behind it.")
    settings(table)
    paths(table, "--metrics", "what the jobs measured, metrics.jsonl files")
    path(table, "--out", "folder for the tables")
    path(table, "--summary", "JSON file for a summary")

    rates = step("learning-rates", _learning_rates, "Make the table of learning rates tried.")
    settings(rates)
    paths(rates, "--metrics", "what the pretrainings measured, metrics.jsonl files")
    path(rates, "--out", "folder for the table")

    text = "Make the table of tickets' accuracies by the length of their fine-tuning."
    lengths = step("lengths", _lengths, text)
    paths(lengths, "--metrics", "what fine-tunings measured, metrics.jsonl files")
    path(lengths, "--out", "folder for the table")

    figures = step("figures", _figures, "Draw the paper's figures and ours.")
    settings(figures)
    paths(figures, "--pairs", "distances between all pairs of epochs, made by 'loft distance'")
    path(figures, "--tables", "folder of the tables, which also gets the figures")
    processes(figures)

    comm = step("comm", _comm, "Predict Table 1's communication column from shapes.")
    comm.add_argument("--csv", action="store_true", help="as CSV")

    plan = step("plan", _plan, "Say what a run would do, need and cost; start nothing.")
    path(plan, "--params", "params file, such as params/cifar10.yaml")
    speed = "take a device of so many TFLOP/s, sustained in training (10^12 operations a second, a "
    speed += "multiply-add being two), instead of timing some steps on this machine"
    plan.add_argument("--tflops", metavar="N", help=speed)
    budget = (
        "choose the part of the run that makes the most comparisons within this device time, such "
        "as 90m, 20h or 2d"
    )
    plan.add_argument("--budget", metavar="TIME", help=budget)
    plan.add_argument("--json", action="store_true", help="as JSON, times in s, sizes in bytes")
    _add_power(plan)

    diary = step("diary", _diary, "Fill MLflow's database from what the jobs measured.")
    paths(diary, "--metrics", "what the jobs measured, metrics.jsonl files")
    diary.add_argument("--experiment", required=True, metavar="NAME", help="experiment's name")
    path(diary, "--database", "SQLite file to write")


def _add_power(plan: argparse.ArgumentParser) -> None:
    """Add the options of a plan of power."""
    text = "say instead how likely each verdict is, and how many seeds it needs"
    plan.add_argument("--power", action="store_true", help=text)
    text = "with --power: standard deviation of one seed, in points of accuracy"
    plan.add_argument("--deviation", metavar="POINTS", help=text)
    text = "with --power: take the deviation from the tables of this run in results/"
    plan.add_argument("--from", dest="source", metavar="RUN", help=text)
    text = "with --power: true difference to be found, in points; without it twice the margin"
    plan.add_argument("--difference", metavar="POINTS", help=text)


def _pretrain(given: argparse.Namespace) -> None:
    from loft.tickets.pretraining import pretrain
    from loft.tickets.pretraining.job import PretrainJob

    job = PretrainJob.parse(given.settings)
    paths = given.data, given.out, given.metrics, given.work
    pretrain.run(job, *paths, given.loaders, given.turns)


def _updates(given: argparse.Namespace) -> None:
    from loft.tickets.pretraining import worker_changes
    from loft.tickets.pretraining.job import WorkerChangesJob

    job = WorkerChangesJob.parse(given.settings)
    worker_changes.run(job, given.data, given.pretrained, given.metrics)


def _prune(given: argparse.Namespace) -> None:
    from loft.tickets.pruning import prune
    from loft.tickets.pruning.job import PruneJob

    prune.run(PruneJob.parse(given.settings), given.pretrained)


def _control(given: argparse.Namespace) -> None:
    from loft.tickets.pruning import prune
    from loft.tickets.pruning.job import ControlJob

    prune.control(ControlJob.parse(given.settings), given.pretrained, given.out)


def _finetune(given: argparse.Namespace) -> None:
    from loft.tickets.finetuning import finetune
    from loft.tickets.finetuning.job import FinetuneJob

    job = FinetuneJob.parse(given.settings)
    paths = given.data, given.pretrained, given.norms, given.metrics, given.work
    finetune.run(job, *paths, given.loaders)


def _distance(given: argparse.Namespace) -> None:
    from loft.tickets.pruning import distance
    from loft.tickets.pruning.job import DistanceJob

    job = DistanceJob.parse(given.settings)
    distance.run(job, given.norms, given.pretrained, given.metrics)


def _table(given: argparse.Namespace) -> None:
    from loft.tickets.report import make_tables
    from loft.tickets.report.job import TableJob

    make_tables.run(TableJob.parse(given.settings), given.metrics, given.out, given.summary)


def _figures(given: argparse.Namespace) -> None:
    from loft.tickets.report import draw_figures
    from loft.tickets.report.job import FiguresJob

    job = FiguresJob.parse(given.settings)
    draw_figures.run(job, given.pairs, given.tables, given.processes)


def _learning_rates(given: argparse.Namespace) -> None:
    from loft.tickets.report import learning_rates
    from loft.tickets.report.job import LearningRatesJob

    learning_rates.run(LearningRatesJob.parse(given.settings), given.metrics, given.out)


def _lengths(given: argparse.Namespace) -> None:
    from loft.tickets.report import lengths

    lengths.run(given.metrics, given.out)


def _comm(given: argparse.Namespace) -> None:
    from loft.tickets.report import comm

    sys.stdout.write(comm.run(csv=given.csv))


def _plan(given: argparse.Namespace) -> None:
    from loft.run import read
    from loft.tickets.planning import plan, power

    run = read(given.params)
    of_power = given.deviation, given.source, given.difference
    if given.power:
        _expect_none("--power", tflops=given.tflops, budget=given.budget)
        text = power.run(run, *of_power, as_json=given.json)
    else:
        names = dict(zip(("deviation", "from", "difference"), of_power, strict=True))
        _expect_none("a plan without --power", **names)
        text = plan.run(run, given.tflops, given.budget, as_json=given.json)
    sys.stdout.write(text)


def _expect_none(of: str, **options: str | None) -> None:
    """Refuse options that a command would not heed. Raises UserError."""
    for name, value in options.items():
        if value is not None:
            raise UserError(f"--{name}: found {value}; expected no such option with {of}")


def _diary(given: argparse.Namespace) -> None:
    from loft.tickets.report import diary

    diary.run(given.metrics, given.experiment, given.database)
