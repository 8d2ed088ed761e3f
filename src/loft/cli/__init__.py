"""The command line: parsing only. Every step imports what it needs when it is called."""

import argparse
from collections.abc import Sequence

from loft.cli import diversity, soda, theorem1, tickets
from loft.cli.options import AddStep, Step, loaders, originals, path, settings
from loft.core.errors import JobError, UserError
from loft.core.processes import parent
from loft.core.processes.progress import say

CHECKS = {"tickets": tickets.check, "diversity": diversity.check}  # of `loft check`, by study


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `loft <step> ...`; return the exit status: 0, or after one line 2 for what the
    user can mend and 1 for what failed at run time.
    """
    given = _parser().parse_args(arguments)
    parent.hold()
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
    """Which run, and where."""
    text = "name of the run, such as cifar10; without it the default run"
    to.add_argument("--run", dest="stored", metavar="NAME", help=text)
    text = "name of a DVC remote; without it the one that the run is in already"
    to.add_argument("--remote", metavar="NAME", help=text)


def _check(given: argparse.Namespace) -> None:
    from loft.core.system.machine import look_over
    from loft.run import look, read

    run = read(given.params)
    look(run, str(given.params))
    for study in run.studies:
        if study in CHECKS:
            CHECKS[study](run)
    found = look_over(run)
    for remark in (finding.text for finding in found if not finding.stops):
        say(f"loft: {remark}")
    if faults := [finding.text for finding in found if finding.stops]:
        raise UserError("\nloft: ".join(faults))
    said = "nothing that stops it" if found else "nothing wrong"
    print(f"{given.params}: run '{run.run}', {', '.join(run.studies)}: {said}")


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
    from loft.core.artifacts.runs import results

    run = restore(given.stored, given.remote, given.force)
    published.put_back(results(run))
    print(f"run '{run}' is restored")


def _reprint(given: argparse.Namespace) -> None:
    from loft.reprint import reprint

    print(reprint(given.params))


def _publish(given: argparse.Namespace) -> None:
    from loft import published
    from loft.core.artifacts.publish import publish
    from loft.core.artifacts.runs import default, results

    paths = publish(given.stored, given.remote)
    published.publish(results(given.stored or default()))
    print(f"stored; to be committed: {' '.join(paths)}")


def _provenance(given: argparse.Namespace) -> None:
    from loft import published
    from loft.core.artifacts.runs import params, results
    from loft.core.reporting.run_provenance import NAME

    params(given.stored)
    known = published.publish(results(given.stored))
    said = "written" if known else "left as it is: no job's provenance is here"
    print(f"{results(given.stored) / NAME}: {said}")


def _ui(given: argparse.Namespace) -> None:
    from loft.core.reporting.mlflow_page import show

    show(given.database, given.port)
