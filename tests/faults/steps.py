"""Every step of a tiny run, ready to be started, and started again, with all that it needs."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from loft.core.data.dataset import write
from loft.core.data.sources import DataJob, prepare
from loft.tickets.pretraining.job import PretrainJob, WorkerChangesJob
from loft.tickets.results import paths
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.run import Run
from tests.conftest import ROOT, TINY, changed
from tests.faults.harness import Step

EPOCHS = 12
PRETRAINED = ["dense", "gpipe-2", "local_sgd-2", "loft-2"]
METRICS = ROOT / "results" / "digits" / "tickets" / "metrics"
# For tables: what `updates` measured is the study of diversity's.
LINES = [path for path in sorted(METRICS.rglob("metrics.jsonl")) if path.parent.name != "updates"]


@dataclass(frozen=True)
class Case:
    """A step of a run.

    Attributes:
        name: what it is.
        prepare: clears a folder of what the step made in it, puts there what it needs, and returns
            the step; what an unfinished one keeps for itself stays.
    """

    name: str
    prepare: Callable[[Path], Step]


def long(run: Run, cell: str) -> PretrainJob:
    """A pretraining that lasts long enough to be interrupted."""
    return changed(
        run.pretrain_job("preresnet18", cell, 0), epochs=EPOCHS, snapshots=[0, 1, EPOCHS]
    )


def pretraining(job: PretrainJob, images: Path, folder: Path) -> Step:
    given = ["pretrain", "--settings", job.dump(), "--data", str(images)]
    given += ["--out", str(folder / "made"), "--metrics", str(folder / "made" / "metrics.jsonl")]
    return Step([*given, "--work", str(folder / "work")], folder)


def cleared(own: Path, source: Path | None = None) -> Path:
    """Make a step's folder `made` anew, empty or as a copy."""
    made = own / "made"
    shutil.rmtree(made, ignore_errors=True)
    if source is None:
        made.mkdir(parents=True)
    else:
        shutil.copytree(source, made)
    return made


def cases(folder: Path) -> Iterator[Case]:
    """Yield the steps; what they need is made in `folder`."""
    run, images = Run.model_validate(TINY), folder / "images.safetensors"
    write(prepare(run.data, loaders=0), images)

    def trained(cell: str) -> Path:
        own = folder / cell
        pretraining(run.pretrain_job("preresnet18", cell, 0), images, own).finish()
        return own / "made"

    yield from pretrainings(run, images)
    yield from rounds(run, images, trained("loft-2"))
    yield from ticketing(run, images, trained("dense"), folder)
    yield from reporting(run, trained(UNPRUNED), folder)


def pretrainings(run: Run, images: Path) -> Iterator[Case]:
    """Yield the steps that collect data and pretrain."""

    def data(own: Path) -> Step:
        settings = DataJob(data=run.data).dump()
        out = cleared(own) / images.name
        return Step(["data", "--settings", settings, "--out", str(out)], own)

    yield Case("data", data)

    def pretrain(cell: str) -> Callable[[Path], Step]:
        def ready(own: Path) -> Step:
            cleared(own)
            return pretraining(long(run, cell), images, own)

        return ready

    for cell in PRETRAINED:
        yield Case(f"pretrain {cell}", pretrain(cell))


def rounds(run: Run, images: Path, trained: Path) -> Iterator[Case]:
    """Yield the step that measures rounds of a trained LoFT-2."""
    local = run.pretrain_job("preresnet18", "loft-2", 0)
    job = WorkerChangesJob(pretraining=local, iterations=[1, 2], samples=20)

    def updates(own: Path) -> Step:
        made = cleared(own)
        given = ["updates", "--settings", job.dump(), "--data", str(images)]
        given += ["--pretrained", str(trained)]
        return Step([*given, "--metrics", str(made / "metrics.jsonl")], own)

    yield Case("updates", updates)


def ticketing(run: Run, images: Path, trained: Path, folder: Path) -> Iterator[Case]:
    """Yield the steps that make tickets of a trained dense network, and fine-tune them."""

    def prune(own: Path) -> Step:
        made = cleared(own, trained)
        settings = run.prune_job().dump()
        return Step(["prune", "--settings", settings, "--pretrained", str(made)], own)

    yield Case("prune", prune)

    def control(own: Path) -> Step:
        made = cleared(own)
        given = ["control", "--settings", run.control_job("random").dump()]
        return Step([*given, "--pretrained", str(trained), "--out", str(made)], own)

    yield Case("control", control)

    tickets = prune(folder / "tickets")
    tickets.finish()

    def finetune(own: Path) -> Step:
        made = cleared(own)
        job = run.finetune_job("dense", 0).model_copy(update={"epochs": EPOCHS})
        given = ["finetune", "--settings", job.dump(), "--data", str(images)]
        given += ["--pretrained", str(tickets.folder / "made"), "--work", str(own / "work")]
        given += ["--norms", str(made / "norms.safetensors")]
        return Step([*given, "--metrics", str(made / "metrics.jsonl")], own)

    yield Case("finetune", finetune)


def reporting(run: Run, trained: Path, folder: Path) -> Iterator[Case]:
    """Yield the steps that measure distances, of a trained dense column, and report."""

    def distance(own: Path) -> Step:
        made = cleared(own, trained)
        given = ["distance", "--settings", run.distance.dump()]
        given += ["--norms", str(made / "norms.safetensors")]
        given += ["--pretrained", str(made / "metrics.jsonl")]
        return Step([*given, "--metrics", str(made / "distances" / "metrics.jsonl")], own)

    yield Case("distance", distance)

    def table(own: Path) -> Step:
        made = cleared(own)
        given = ["table", "--settings", run.table_job().dump()]
        given += ["--metrics", *map(str, LINES), "--out", str(made)]
        return Step([*given, "--summary", str(made / "metrics.json")], own)

    yield Case("table", table)

    measured, printed = distance(folder / "measured"), table(folder / "printed")
    measured.finish()
    printed.finish()

    def figures(own: Path) -> Step:
        made = cleared(own, printed.folder / "made")
        given = ["figures", "--settings", run.figures_job().dump()]
        given += ["--pairs", str(paths.pairs(measured.folder / "made"))]
        return Step([*given, "--tables", str(made)], own)

    yield Case("figures", figures)
