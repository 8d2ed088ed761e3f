"""Fine-tune the tickets of one pretraining, and measure their accuracy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch import Tensor

from loft.core.data.augmentation import KINDS
from loft.core.data.dataset import DataSet, read
from loft.core.errors import JobError, UserError
from loft.core.files.checkpoint import write_tensors
from loft.core.files.step_code import code_files
from loft.core.processes.memory import explain_out_of_memory
from loft.core.processes.progress import say
from loft.core.processes.turn_taking import describe_placement
from loft.core.processes.workers import ProcessWorker, Workers
from loft.core.reporting.metrics import Journal
from loft.core.system.devices import leased
from loft.core.training.hooks import (
    AddLine,
    Evaluate,
    KeepState,
    ShowProgress,
    StopOnDivergence,
    Summarise,
)
from loft.core.training.learner import (
    Learner,
    configure_torch,
    count_parameters,
    evaluate,
    resolve_precision,
)
from loft.core.training.loop import Loop, Schedule
from loft.core.training.processor import check_processor
from loft.core.training.resume import StateKeeper, fingerprint, one_at_a_time, remove_state
from loft.tickets.finetuning.job import FinetuneJob
from loft.tickets.finetuning.keep import write_finetuned
from loft.tickets.finetuning.ticket import Ticket, TicketTraining
from loft.tickets.network.record_norms import Record, RecordNorms, stacked
from loft.tickets.results import paths

RECORDED = ("l2",)  # kinds of norms
LOWERING = "finetune.sgd.batch_size, models.width or, where jobs share a GPU, compute.jobs_per_gpu"


def run(
    job: FinetuneJob,
    data: Path,
    folder: Path,
    norms: Path,
    metrics: Path,
    work: Path | None = None,
    loaders: int = 0,
) -> None:
    """Fine-tune tickets one after the other.

    Args:
        job: settings of the job.
        data: images, made by `loft data`.
        folder: folder of the pretraining, with its tickets; trained networks are written beside.
        norms: file for every ticket's filter norms.
        metrics: file for the lines.
        work: folder for the state of the unfinished job, to continue from; None writes no state.
        loaders: processes that read image files.

    Raises:
        UserError: images or tickets are missing or damaged, there are too few images, another
            process runs this job, or the processor computes incorrectly.
        JobError: there is too little memory, the loss is not a number, or a signal asked the job
            to stop.
    """
    with one_at_a_time(work), leased(1), explain_out_of_memory(f"finetune {folder}", LOWERING):
        images, workers = read(data), ProcessWorker()
        configure_torch(job.compute, workers.device)
        tickets = [Ticket.load(folder, name) for name in job.tickets]
        _belong(job, images, tickets, folder)
        if workers.device == "cpu":
            image = images.channels, images.size, images.size
            check_processor((ticket.network for ticket in tickets), image, job.compute)
        keeper = StateKeeper(
            work, _fingerprint(job, data, folder, images.kind) if work else "", workers
        )
        tuning = Finetuning(job, images, tickets, workers, keeper, loaders)
        say(f"finetune {tickets[0].about['cell']} seed {job.seed}  {describe_placement(workers)}")
        tuning.run(folder, norms, metrics)
        remove_state(work)


def _belong(job: FinetuneJob, images: DataSet, tickets: list[Ticket], folder: Path) -> None:
    """Raise UserError unless the tickets belong to the job, to the images and to one cell."""
    first = tickets[0].about
    expected = {key: first[key] for key in ("model", "cell")} | {"seed": job.seed}
    shared = ("dataset", "channels", "size", "classes")
    expected |= {key: getattr(images, key) for key in shared}
    for ticket in tickets:
        for key, value in expected.items():
            if ticket.about[key] != value:
                side = paths.ticket(folder, ticket.name.snapshot, ticket.name.ratio)
                whose = "the images'" if key in shared else "the job's"
                raise UserError(
                    f"{side.with_suffix('.json')}: {key}: found {ticket.about[key]!r}; expected "
                    f"{whose} {value!r}"
                )


def _fingerprint(job: FinetuneJob, data: Path, folder: Path, kind: str) -> str:
    tickets = [paths.ticket(folder, name.snapshot, name.ratio) for name in job.tickets]
    files = [data, *(path for ticket in tickets for path in (ticket, ticket.with_suffix(".json")))]
    return fingerprint(job.dump(), files, code_files(__name__, KINDS[kind].data))


class Finetuning:
    """The training of a pretraining's tickets, in one process."""

    def __init__(
        self,
        job: FinetuneJob,
        images: DataSet,
        tickets: list[Ticket],
        workers: Workers,
        keeper: StateKeeper,
        loaders: int,
    ) -> None:
        self._job, self._tickets, self._workers, self._keeper = job, tickets, workers, keeper
        self._images, device = images, workers.device
        self._batches = images.batches(job.augment, job.sgd.batch_size, device, loaders)
        about = tickets[0].about
        self._journal = Journal(
            {
                "step": "finetune",
                **{key: about[key] for key in ("model", "dataset", "cell", "seed")},
                "precision": resolve_precision(job.compute.precision, device),
                "tickets": [name.facts() for name in job.tickets],
                "epochs": job.epochs,
                "learning_rate": job.sgd.learning_rate,
            },
            device=device,
        )
        self._norms = Record()
        self._name = f"finetune {about['model']['name']} {about['cell']} seed {job.seed}"

    def run(self, folder: Path, norms: Path, metrics: Path) -> None:
        """Train all tickets; write networks, layers' filter norms (epochs + 1, filters), lines."""
        job, kept, out = self._job, self._keeper.restore(), self._keeper.outputs(folder)
        first = kept[0]["ticket"] if kept else 0
        for number, ticket in enumerate(self._tickets[first:], start=first):
            learner = Learner(ticket.network, job.sgd, job.compute, self._workers.device)
            pruned_accuracy = self._accuracy(learner)
            loop = self._loop(number, ticket, learner)
            loop.start(kept)
            kept = None  # later tickets start from the beginning; this frees the state's memory
            loop.run()
            facts = self._describe(ticket, pruned_accuracy)
            self._journal.add(
                "ticket", {"training_seconds": round(loop.seconds.training, 3)}, **facts
            )
            if ticket.name in job.kept:
                write_finetuned(out, ticket, job, facts)
        self._keeper.finish(folder)
        write_tensors(norms, stacked(self._norms))
        self._journal.write(metrics)

    def _loop(self, number: int, ticket: Ticket, learner: Learner) -> Loop:
        """Return a ticket's training loop. Its data order continues after the snapshot's epoch."""
        job, batches, name = self._job, self._batches, ticket.name
        device = self._workers.device
        what = f"{self._name} snapshot {name.snapshot} ratio {name.ratio:g}"
        evaluated = {job.epochs, *range(0, job.epochs + 1, job.evaluate_every)}

        def of_epoch(epoch: int, start: int) -> Iterator[tuple[Tensor, Tensor]]:
            return batches.epoch(job.seed, name.snapshot + epoch, worker=0, start=start)

        def error(epoch: int, loss: float) -> JobError:
            return JobError(f"{what}: the loss of epoch {epoch} is {loss}; lower the rate")

        hooks = [
            Summarise(self._workers),
            StopOnDivergence(error),
            Evaluate(batches, job.compute.precision, device, evaluated),
            RecordNorms(self._norms, RECORDED, f"epoch{name.snapshot}/prune-{name.ratio:g}/"),
            AddLine(self._journal, name.facts()),
            ShowProgress(what, job.epochs),
            KeepState(self._keeper, {"ticket": number}),
        ]
        schedule = Schedule(job.epochs, batches.length, job.sgd.learning_rate)
        trained = TicketTraining(learner)
        return Loop(schedule, of_epoch, trained, lambda: learner.model, device, hooks)

    def _accuracy(self, learner: Learner) -> float:
        """Return the accuracy of a ticket that is not trained yet, in percent."""
        precision, device = self._job.compute.precision, self._workers.device
        return evaluate(learner.model, self._batches, precision, device).accuracy

    def _describe(self, ticket: Ticket, pruned_accuracy: float) -> dict[str, Any]:
        """Return the facts of a ticket after its last epoch; its images are of all its epochs."""
        images = self._job.epochs * self._batches.length * self._job.sgd.batch_size
        return {
            **ticket.name.facts(),
            "parameters": count_parameters(ticket.network),
            "flops": ticket.flops(self._images.size),
            "images_seen": images,
            "operations": images * ticket.training_operations(self._images.size),
            "parent_accuracy": ticket.about["parent_accuracy"],
            "pruned_accuracy": pruned_accuracy,
            "test_accuracy": self._journal.lines[-1]["test_accuracy"],
        }
