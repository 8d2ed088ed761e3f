"""Write this study's diary: every job's facts and curves, for MLflow.

If a job's provenance is known, its seconds, memory and machine are written too.
"""

from pathlib import Path

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import read_jobs
from loft.core.reporting.joined_lines import joined
from loft.core.reporting.metrics import Line
from loft.core.reporting.tracking import Entry, fill, flatten, numbers
from loft.tickets.results.schema.all_jobs import STEPS

TAGS = ("step", "cell", "seed", "commit", "device", "processor", "gpu", "torch")
HIDDEN = ("kind", "line", "date")  # keys of a job's first line that are not shown
CURVES = ("loss", "train_accuracy", "test_accuracy", "bytes_sent")
WORKER = (
    "pid",
    "parameters",
    "bytes_sent",
    "peak_memory_bytes",
    "training_seconds",
    "synchronising_seconds",
)
TICKET = ("parameters", "flops", "training_seconds", "test_accuracy")


def run(metrics: list[Path], experiment: str, database: Path) -> None:
    """Fill `database` from the lines of all jobs, and from their provenance beside them.

    Raises:
        UserError: lines or provenance are damaged, or a pretraining's lines are missing.
        JobError: the database cannot be written.
    """
    jobs = {path: joined(path, job) for path, job in read_jobs(metrics, STEPS, whole=False).items()}
    entries = [_entry(job) for job in jobs.values() if job[0]["step"] != "distance"]
    by_name = {entry.name: entry for entry in entries}
    for path, job in jobs.items():
        for line in job:
            if line["kind"] in ("distance", "consecutive"):
                name = _name("pretrain", line["model"], line["cell"], line["seed"])
                if name not in by_name:
                    found = f"found distances of {name} in {path}"
                    raise UserError(f"--metrics: {found}; expected the lines of that job too")
                by_name[name].metrics += _distances(line)
    fill(database, experiment, entries)


def _name(step: str, model: str, cell: str, seed: int) -> str:
    return f"{step} {model} {cell} seed{seed}"


def _entry(job: list[Line]) -> Entry:
    about = job[0]
    name = _name(about["step"], about["model"]["name"], about["cell"], about["seed"])
    tags = {key: str(about[key]) for key in TAGS if about.get(key) is not None}
    shown = {key: value for key, value in about.items() if key not in (*HIDDEN, *tags)}
    entry = Entry(name, about.get("date"), tags, flatten(shown))
    for line in job[1:]:
        entry.metrics += _metrics(line)
    return entry


def _distances(line: Line) -> list[tuple[str, float, int]]:
    """Return a pretraining's distances, each at the epoch that it starts from."""
    if line["kind"] == "consecutive":
        name = f"distance_to_next/{line['of']}"
        values = enumerate(line["distances"], start=line["from_epoch"])
        return [(name, value, epoch) for epoch, value in values]
    curves = {"mean" if "layers" in line else f"mean_{line['norm']}": line["mean"]}
    return [
        (f"distance_to_last/{layer}", value, epoch)
        for layer, values in {**curves, **line.get("layers", {})}.items()
        for epoch, value in enumerate(values)
    ]


def _metrics(line: Line) -> list[tuple[str, float, int]]:
    """Return a line's measurements; a ticket's are named by its ratio, a worker's by its rank."""
    prefix = f"epoch{line['snapshot']}-prune-{line['ratio']:g}/" if "ratio" in line else ""
    match line["kind"]:
        case "epoch":
            return [(prefix + name, value, line["epoch"]) for name, value in numbers(line, CURVES)]
        case "worker":
            names = numbers(line, WORKER)
            return [(f"worker{line['rank']}/{name}", value, 0) for name, value in names]
        case "ticket":
            return [(f"{prefix}final/{name}", value, 0) for name, value in numbers(line, TICKET)]
        case _:
            return [(f"final/{name}", value, 0) for name, value in numbers(line, ("bytes_sent",))]
