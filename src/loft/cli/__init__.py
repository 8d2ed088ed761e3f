"""Parse the command line and call the step. A step imports its code only when it is called."""

import argparse
import sys
from collections.abc import Sequence

from loft.cli import diversity, soda, theorem1, tickets
from loft.cli.options import AddStep, Step, loaders, originals, path, settings
from loft.core.errors import JobError, UserError
from loft.core.processes import parent
from loft.core.processes.progress import say
from loft.version import __version__

CHECKS = {
    "tickets": tickets.check,
    "diversity": diversity.check,
}  # the checks of `loft check`, by study


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `loft <step> ...` and return the exit status.

    It is 0 for success, 2 for an error that the user can correct and 1 for a failure at run time.
    An error is printed as one line.
    """
    given = _parser().parse_args(arguments)
    parent.end_with_launcher()
    try:
        given.run(given)
    except UserError as error:
        say(f"loft: {error}")
        return 2
    except JobError as error:
        say(f"loft: {error}")
        return 1
    except KeyboardInterrupt:
        say("loft: interrupted")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="loft", description="LoFT, a step at a time.")
    parser.add_argument("--version", action="version", version=f"loft {__version__}")
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)

    def step(name: str, run: Step, text: str) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = steps.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    _add(step)
    tickets.add(step)
    theorem1.add(step)
    soda.add(step)
    diversity.add(step)
    return parser


def _add(step: AddStep) -> None:
    """Add the steps that all studies share."""
    check = step("check", _check, "Check a params file, and this machine for its run.")
    path(check, "--params", "params file, such as params/digits.yaml")

    text = "Print every setting of a run, with what it means, its source and its default."
    params = step("params", _params, text)
    text = "name of a run, such as digits, or a params file"
    params.add_argument("run_or_file", metavar="RUN_OR_FILE", help=text)

    text = "Write the settings that a run is made with beside its results."
    record = step("record-params", _record_params, text)
    settings(record)
    path(record, "--out", "YAML file to write")

    data = step("data", _data, "Collect a run's images, or their names, in one file.")
    settings(data)
    path(data, "--out", "safetensors file to write")
    loaders(data)
    originals(data)

    text = "Fetch what a run made, so that snakemake has nothing to do."
    restore = step("restore", _restore, text)
    _stored(restore)
    text = "replace files that differ from the stored ones"
    restore.add_argument("--force", action="store_true", help=text)

    text = "Make a run's tables and figures again from its lines in results/, without training."
    reprint = step("reprint", _reprint, text)
    path(reprint, "--params", "params file, such as params/cifar10-quick.yaml")

    publish = step("publish", _publish, "Store what a run made; the reverse of restore.")
    _stored(publish)

    text = "Sum up where a run's measurements come from, and copy its times, to be committed."
    provenance = step("provenance", _provenance, f"{text} Publishing does it too.")
    text = "name of the run, such as cifar10-quick"
    provenance.add_argument("--run", dest="stored", metavar="NAME", required=True, help=text)

    ui = step("ui", _ui, "Show the diary in MLflow's page, to this machine alone, until stopped.")
    path(ui, "--database", "the diary, such as results/digits/mlflow.db")
    text = "port to serve it on; 5000 unless given"
    ui.add_argument("--port", type=int, default=5000, metavar="N", help=text)


def _stored(to: argparse.ArgumentParser) -> None:
    """Add the options for the run and the remote."""
    text = "name of the run, such as cifar10; without it the default run"
    to.add_argument("--run", dest="stored", metavar="NAME", help=text)
    text = "name of a DVC remote; without it the one that the run is in already"
    to.add_argument("--remote", metavar="NAME", help=text)


def _check(given: argparse.Namespace) -> None:
    from loft.core.system.machine import find_faults
    from loft.run import check_data, read

    run = read(given.params)
    check_data(run, str(given.params))
    for study in run.studies:
        if study in CHECKS:
            CHECKS[study](run)
    found = find_faults(run)
    for remark in (finding.text for finding in found if not finding.stops):
        say(f"loft: {remark}")
    if faults := [finding.text for finding in found if finding.stops]:
        raise UserError("\nloft: ".join(faults))
    said = "nothing that stops it" if found else "nothing wrong"
    print(f"{given.params}: run '{run.run}', {', '.join(run.studies)}: {said}")


def _params(given: argparse.Namespace) -> None:
    from loft.core.settings.params_text import commented, path_of
    from loft.run import read

    sys.stdout.write(commented(read(path_of(given.run_or_file))))


def _record_params(given: argparse.Namespace) -> None:
    from loft.core.settings.recorded import record

    record(given.settings, given.out)


def _data(given: argparse.Namespace) -> None:
    from loft.core.data.dataset import write
    from loft.core.data.originals.hashes import Hashes
    from loft.core.data.originals.manifest import Reading
    from loft.core.data.sources import DataJob, collect

    reading = Reading(given.loaders, Hashes(given.cache))
    write(collect(DataJob.parse(given.settings).data, reading), given.out)
    if given.originals is not None:
        reading.read.write(given.originals)


def _restore(given: argparse.Namespace) -> None:
    from loft import published
    from loft.core.artifacts.restore import restore
    from loft.core.files.run_paths import results_folder

    run = restore(given.stored, given.remote, given.force)
    published.put_back(results_folder(run))
    print(f"run '{run}' is restored")


def _reprint(given: argparse.Namespace) -> None:
    from loft.reprint import reprint

    print(reprint(given.params))


def _publish(given: argparse.Namespace) -> None:
    from loft import published
    from loft.core.artifacts.publish import publish
    from loft.core.artifacts.runs import default_run
    from loft.core.files.run_paths import results_folder

    paths = publish(given.stored, given.remote)
    published.publish(results_folder(given.stored or default_run()))
    print(f"stored; to be committed: {' '.join(paths)}")


def _provenance(given: argparse.Namespace) -> None:
    from loft import published
    from loft.core.artifacts.runs import params_file
    from loft.core.files.run_paths import results_folder
    from loft.core.reporting.run_provenance import NAME

    params_file(given.stored)
    known = published.publish(results_folder(given.stored))
    said = "written" if known else "left as it is: no job's provenance is here"
    print(f"{results_folder(given.stored) / NAME}: {said}")


def _ui(given: argparse.Namespace) -> None:
    from loft.core.reporting.mlflow_page import show

    show(given.database, given.port)
