"""The command line: parsing only. Every step imports what it needs when it is called."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from loft.core import lifeline
from loft.core.errors import JobError, UserError

Step = Callable[[argparse.Namespace], None]
AddStep = Callable[[str, Step, str], argparse.ArgumentParser]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `loft <step> ...`; return the exit status: 0, or after one line 2 for what the
    user can mend and 1 for what failed at run time.
    """
    given = _parser().parse_args(arguments)
    lifeline.hold()
    try:
        given.run(given)
    except UserError as error:
        print(f"loft: {error}", file=sys.stderr)
        return 2
    except JobError as error:
        print(f"loft: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="loft", description="LoFT, a step at a time.")
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)

    def step(name: str, run: Step, text: str) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = steps.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    _add_making(step)
    _add_reporting(step)
    _add_theorem1(step)
    return parser


def _path(to: argparse.ArgumentParser, option: str, text: str) -> None:
    to.add_argument(option, type=Path, required=True, metavar="PATH", help=text)


def _paths(to: argparse.ArgumentParser, option: str, text: str) -> None:
    to.add_argument(option, type=Path, required=True, nargs="+", metavar="PATH", help=text)


def _settings(to: argparse.ArgumentParser) -> None:
    to.add_argument("--settings", required=True, metavar="JSON", help="what the step is told")


def _add_making(step: AddStep) -> None:
    """Add the steps that make networks, in the order in which a run takes them."""
    check = step("check", _check, "Check a params file.")
    _path(check, "--params", "params file, such as params/digits.yaml")

    data = step("data", _data, "Collect a run's images, or their names, in one file.")
    _settings(data)
    _path(data, "--out", "safetensors file to write")
    _loaders(data)

    pretrain = step("pretrain", _pretrain, "Pretrain a network with one method and its workers.")
    _settings(pretrain)
    _path(pretrain, "--data", "images, made by 'loft data'")
    _path(pretrain, "--out", "folder for snapshots and filter norms")
    _path(pretrain, "--metrics", "JSON lines to write: what was measured")
    _work(pretrain)
    _loaders(pretrain)

    prune = step("prune", _prune, "Make the tickets of a pretraining.")
    _settings(prune)
    _paths(prune, "--pretrained", "folders of pretrainings")

    control = step("control", _control, "Make the tickets of a control.")
    _settings(control)
    _path(control, "--pretrained", "folder of the dense pretraining")
    _path(control, "--out", "folder for the tickets")

    finetune = step("finetune", _finetune, "Fine-tune the tickets of a pretraining.")
    _settings(finetune)
    _path(finetune, "--data", "images, made by 'loft data'")
    _path(finetune, "--pretrained", "folder of the pretraining, with its tickets")
    _path(finetune, "--norms", "safetensors file to write: filter norms")
    _path(finetune, "--metrics", "JSON lines to write: what was measured")
    _work(finetune)
    _loaders(finetune)


def _add_reporting(step: AddStep) -> None:
    """Add the steps that make tables and figures of what was measured."""
    distance = step("distance", _distance, "Measure distances between pretraining's epochs.")
    _settings(distance)
    _paths(distance, "--norms", "recorded norms of pretrainings; pairs are written beside them")
    _paths(distance, "--pretrained", "metrics of the same pretrainings, in the same order")
    _path(distance, "--metrics", "JSON lines to write: the distances")

    table = step("table", _table, "Make Table 1, its verdicts and the tables behind it.")
    _settings(table)
    _paths(table, "--metrics", "what the jobs measured, metrics.jsonl files")
    _path(table, "--out", "folder for the tables")
    _path(table, "--summary", "JSON file for a summary")

    figures = step("figures", _figures, "Draw the paper's figures and ours.")
    _settings(figures)
    _paths(figures, "--pairs", "distances between all pairs of epochs, made by 'loft distance'")
    _path(figures, "--tables", "folder of the tables, which also gets the figures")

    comm = step("comm", _comm, "Predict Table 1's communication column from shapes.")
    comm.add_argument("--csv", action="store_true", help="as CSV")

    plan = step("plan", _plan, "Say what a run would do, need and cost; start nothing.")
    _path(plan, "--params", "params file, such as params/cifar10.yaml")
    speed = "take a device of so many TFLOP/s, sustained in training (10^12 operations a second, a "
    speed += "multiply-add being two), instead of timing some steps on this machine"
    plan.add_argument("--tflops", metavar="N", help=speed)
    budget = "choose what answers most within this device time, such as 90m, 20h or 2d"
    plan.add_argument("--budget", metavar="TIME", help=budget)
    plan.add_argument("--json", action="store_true", help="as JSON, times in s, sizes in bytes")

    diary = step("diary", _diary, "Fill MLflow's database from what the jobs measured.")
    _paths(diary, "--metrics", "what the jobs measured, metrics.jsonl files")
    diary.add_argument("--experiment", required=True, metavar="NAME", help="experiment's name")
    _path(diary, "--database", "SQLite file to write")


def _add_theorem1(step: AddStep) -> None:
    """Add the steps of the study of LoFT's Theorem 1."""
    train = step("theorem1", _theorem1, "Train with LoFT and gradient descent side by side.")
    _settings(train)
    text = "images, made by 'loft data', where the step trains on them"
    train.add_argument("--data", type=Path, metavar="PATH", help=text)
    _path(train, "--metrics", "JSON lines to write: what was measured")

    report = step("theorem1-report", _theorem1_report, "Make Theorem 1's tables and summary.")
    figures = step("theorem1-figures", _theorem1_figures, "Draw Theorem 1's figures.")
    for made in (report, figures):
        _settings(made)
        _paths(made, "--metrics", "what 'loft theorem1' measured, metrics.jsonl files")
        _path(made, "--out", "folder to write to")


def _work(to: argparse.ArgumentParser) -> None:
    text = "folder for the state of an unfinished job, to go on from; without it none is kept"
    to.add_argument("--work", type=Path, metavar="PATH", help=text)


def _loaders(to: argparse.ArgumentParser) -> None:
    text = "processes of each worker that read image files; with 0 it reads them itself"
    to.add_argument("--loaders", type=int, default=0, metavar="N", help=text)


def _check(given: argparse.Namespace) -> None:
    from loft.run import read

    run = read(given.params)
    print(f"{given.params}: run '{run.run}', {', '.join(run.studies)}: nothing wrong")


def _data(given: argparse.Namespace) -> None:
    from loft.core.data import write
    from loft.core.sources import DataJob, prepare

    write(prepare(DataJob.parse(given.settings).data, given.loaders), given.out)


def _pretrain(given: argparse.Namespace) -> None:
    from loft.tickets.jobs import PretrainJob
    from loft.tickets.stages import pretrain

    job = PretrainJob.parse(given.settings)
    pretrain.run(job, given.data, given.out, given.metrics, given.work, given.loaders)


def _prune(given: argparse.Namespace) -> None:
    from loft.tickets.jobs import PruneJob
    from loft.tickets.stages import prune

    prune.run(PruneJob.parse(given.settings), given.pretrained)


def _control(given: argparse.Namespace) -> None:
    from loft.tickets.jobs import ControlJob
    from loft.tickets.stages import prune

    prune.control(ControlJob.parse(given.settings), given.pretrained, given.out)


def _finetune(given: argparse.Namespace) -> None:
    from loft.tickets.jobs import FinetuneJob
    from loft.tickets.stages import finetune

    job = FinetuneJob.parse(given.settings)
    paths = given.data, given.pretrained, given.norms, given.metrics, given.work
    finetune.run(job, *paths, given.loaders)


def _distance(given: argparse.Namespace) -> None:
    from loft.tickets.jobs import DistanceJob
    from loft.tickets.stages import distance

    job = DistanceJob.parse(given.settings)
    distance.run(job, given.norms, given.pretrained, given.metrics)


def _table(given: argparse.Namespace) -> None:
    from loft.tickets.jobs import TableJob
    from loft.tickets.stages import table

    table.run(TableJob.parse(given.settings), given.metrics, given.out, given.summary)


def _figures(given: argparse.Namespace) -> None:
    from loft.tickets.jobs import FiguresJob
    from loft.tickets.stages import figures

    figures.run(FiguresJob.parse(given.settings), given.pairs, given.tables)


def _comm(given: argparse.Namespace) -> None:
    from loft.tickets.stages import comm

    sys.stdout.write(comm.run(csv=given.csv))


def _plan(given: argparse.Namespace) -> None:
    from loft.run import read
    from loft.tickets.stages import plan

    run = read(given.params)
    sys.stdout.write(plan.run(run, given.tflops, given.budget, as_json=given.json))


def _diary(given: argparse.Namespace) -> None:
    from loft.tickets.stages import diary

    diary.run(given.metrics, given.experiment, given.database)


def _theorem1(given: argparse.Namespace) -> None:
    from loft.theorem1 import stage
    from loft.theorem1.config import Theorem1Job

    stage.run(Theorem1Job.parse(given.settings), given.data, given.metrics)


def _theorem1_report(given: argparse.Namespace) -> None:
    from loft.theorem1 import report
    from loft.theorem1.config import Theorem1ReportJob

    report.run(Theorem1ReportJob.parse(given.settings), given.metrics, given.out)


def _theorem1_figures(given: argparse.Namespace) -> None:
    from loft.theorem1 import figures
    from loft.theorem1.config import Theorem1ReportJob

    figures.run(Theorem1ReportJob.parse(given.settings), given.metrics, given.out)
