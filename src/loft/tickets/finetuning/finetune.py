"""Fine-tuning: the tickets of one pretraining trained to the end, and what they are worth."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from loft.core.data.augmentation import KINDS
from loft.core.data.dataset import DataSet, read
from loft.core.errors import JobError, UserError
from loft.core.files.checkpoint import write_tensors
from loft.core.files.step_code import modules
from loft.core.processes.memory import one_line
from loft.core.processes.progress import Progress, describe, say
from loft.core.processes.turn_taking import placed
from loft.core.processes.workers import Processes
from loft.core.reporting.metrics import Journal
from loft.core.system.devices import leased
from loft.core.training.learner import (
    Learner,
    Tally,
    accuracy,
    cosine,
    prepare,
    resolve_precision,
    wait,
)
from loft.core.training.processor import trust
from loft.core.training.resume import Facts, Keeper, State, alone, fingerprint, forget
from loft.tickets.finetuning.job import FinetuneJob
from loft.tickets.methods.interface import count_parameters
from loft.tickets.network.norms import measured
from loft.tickets.pruning.job import TicketName
from loft.tickets.pruning.tickets import read_ticket
from loft.tickets.results import paths

RECORDED = ("l2",)  # of the kinds of `norms`
NORMS = "norms/"  # prefix of the record of norms among the tensors of the job's state
LOWERING = "finetune.sgd.batch_size, models.width or, where jobs share a GPU, compute.jobs_per_gpu"
MEETING = 25  # steps; at most so many pass before a signal to stop is heard


@dataclass
class Place:
    """Where a job stands: the ticket's number, the epoch, its next iteration.

    `seconds`: of the ticket's steps until then.
    """

    ticket: int = 0
    epoch: int = 1
    iteration: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Ticket:
    """A pruned network and what its file says of it."""

    name: TicketName
    network: nn.Module
    about: dict[str, Any]

    @classmethod
    def load(cls, folder: Path, name: TicketName) -> "Ticket":
        """Read a ticket. Raises UserError where it is missing, damaged or another's."""
        network, weights, about = read_ticket(folder, name)
        network.load_state_dict(weights, assign=True)
        return cls(name, network, about)

    def flops(self, size: int) -> int:
        """Return the operations of a forward pass on one image, two to a multiply-add.

        Convolutions and the classifier count; BatchNorm, ReLU and additions do not.
        """
        device = next(self.network.parameters()).device
        image = torch.zeros(1, self.about["channels"], size, size, device=device)
        self.network.eval()
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            self.network(image)
        return int(counter.get_total_flops())


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
        job: what to do.
        data: images, made by `loft data`.
        folder: of the pretraining, with its tickets.
        norms: file for every ticket's filter norms.
        metrics: the JSON lines to write.
        work: folder for the state of the unfinished job, to go on from; None keeps nothing.
        loaders: processes that read image files.

    Raises:
        UserError: images or tickets are missing or damaged, there are too few images, another
            process is at this job, or the processor computes wrongly.
        JobError: memory did not suffice, the loss is no number, or a signal asked to stop.
    """
    with alone(work), leased(1), one_line(f"finetune {folder}", LOWERING):
        images, workers = read(data), Processes()
        prepare(job.compute, workers.device)
        tickets = [Ticket.load(folder, name) for name in job.tickets]
        _belong(job, images, tickets, folder)
        if workers.device == "cpu":
            image = images.channels, images.size, images.size
            trust((ticket.network for ticket in tickets), image, job.compute)
        keeper = Keeper(work, _fingerprint(job, data, folder, images.kind) if work else "", workers)
        tuning = Finetuning(job, images, tickets, keeper, workers.device, loaders)
        say(f"finetune {tickets[0].about['cell']} seed {job.seed}  {placed(workers)}")
        tuning.run(norms, metrics)
        forget(work)


def _belong(job: FinetuneJob, images: DataSet, tickets: list[Ticket], folder: Path) -> None:
    """Hold tickets against each other, the job and the images. Raises UserError."""
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
    return fingerprint(job.dump(), files, modules(__name__, KINDS[kind].data))


class Finetuning:
    """The training of a pretraining's tickets, in one process."""

    def __init__(
        self,
        job: FinetuneJob,
        images: DataSet,
        tickets: list[Ticket],
        keeper: Keeper,
        device: str,
        loaders: int,
    ) -> None:
        self._job, self._tickets, self._keeper = job, tickets, keeper
        self._size = images.size
        self._batches = images.batches(job.augment, job.sgd.batch_size, device, loaders)
        about = tickets[0].about
        self._journal = Journal(
            {
                "step": "finetune",
                **{key: about[key] for key in ("model", "dataset", "cell", "seed")},
                "precision": resolve_precision(job.compute.precision, device),
                "tickets": [name.facts() for name in job.tickets],
                "epochs": job.epochs,
            },
            device=device,
        )
        self._device = device
        self._norms: dict[str, list[Tensor]] = {}  # layers of all tickets -> a row an epoch
        self._name = f"finetune {about['model']['name']} {about['cell']} seed {job.seed}"

    def run(self, norms: Path, metrics: Path) -> None:
        """Train all tickets; write every layer's filter norms, (epochs + 1, filters), and lines."""
        kept = self._keeper.restore()
        place = Place() if kept is None else self._go_on(*kept)
        while place.ticket < len(self._tickets):
            ticket = self._tickets[place.ticket]
            learner = Learner(ticket.network, self._job.sgd, self._job.compute, self._device)
            if kept is None:
                self._record(ticket, learner)
            else:
                learner.load_state(kept[1])
                learner.seen.load(Tally(**kept[0]["tally"]))
                kept = None
            self._train(ticket, learner, place)
            place = Place(place.ticket + 1)
        write_tensors(norms, {name: torch.stack(rows) for name, rows in self._norms.items()})
        self._journal.write(metrics)

    def _go_on(self, facts: Facts, tensors: Mapping[str, Tensor]) -> Place:
        self._journal.load_state(facts["journal"])
        self._norms = {
            name.removeprefix(NORMS): list(rows)
            for name, rows in tensors.items()
            if name.startswith(NORMS)
        }
        return Place(**facts["place"])

    def _meet(self, learner: Learner, place: Place, end_of_epoch: bool = False) -> None:
        def state() -> State:
            norms = {NORMS + name: torch.stack(rows) for name, rows in self._norms.items()}
            facts = {
                "place": vars(place),
                "tally": vars(learner.seen.read()),
                "journal": self._journal.state(),
            }
            return facts, {**learner.state(), **norms}

        self._keeper.meet(state, end_of_epoch)

    def _train(self, ticket: Ticket, learner: Learner, place: Place) -> None:
        """Train a ticket from where it stands to the end."""
        job = self._job
        what = f"{self._name} snapshot {ticket.name.snapshot} ratio {ticket.name.ratio:g}"
        progress = Progress(what, job.epochs, place.epoch - 1)
        while place.epoch <= job.epochs:
            self._epoch(ticket, learner, place)
            seen = learner.seen.read()
            loss = seen.loss / seen.images
            if not math.isfinite(loss):
                raise JobError(f"{what}: the loss of epoch {place.epoch} is {loss}; lower the rate")
            line = {
                **ticket.name.facts(),
                "epoch": place.epoch,
                "loss": loss,
                "train_accuracy": 100 * seen.correct / seen.images,
                "test_accuracy": self._evaluate(learner, place.epoch),
            }
            self._journal.add("epoch", **line)
            progress.show(place.epoch, describe(line))
            self._record(ticket, learner)
            place.epoch, place.iteration = place.epoch + 1, 0
            learner.seen.load(Tally())
            self._meet(learner, place, end_of_epoch=True)
        facts = {
            **ticket.name.facts(),
            "parameters": count_parameters(ticket.network),
            "flops": ticket.flops(self._size),
            "test_accuracy": self._journal.lines[-1]["test_accuracy"],
        }
        self._journal.add("ticket", {"training_seconds": round(place.seconds, 3)}, **facts)

    def _epoch(self, ticket: Ticket, learner: Learner, place: Place) -> None:
        """Train for the rest of an epoch; the order of data goes on from the snapshot's epoch."""
        job, length = self._job, self._batches.length
        number = ticket.name.snapshot + place.epoch
        batches = self._batches.epoch(job.seed, number, worker=0, start=place.iteration)
        for images, labels in batches:
            step = (place.epoch - 1) * length + place.iteration
            rate = cosine(step, job.epochs * length, job.sgd.learning_rate)
            started = time.perf_counter()
            learner.step(images, labels, rate)
            place.iteration += 1
            if place.iteration == length:
                wait(self._device)  # for the steps' seconds
            place.seconds += time.perf_counter() - started
            if place.iteration < length and place.iteration % MEETING == 0:
                self._meet(learner, place)

    def _evaluate(self, learner: Learner, epoch: int) -> float | None:
        if epoch % self._job.evaluate_every and epoch < self._job.epochs:
            return None
        return accuracy(learner.model, self._batches, self._job.compute.precision, self._device)

    def _record(self, ticket: Ticket, learner: Learner) -> None:
        prefix = f"epoch{ticket.name.snapshot}/prune-{ticket.name.ratio:g}"
        for layer, values in measured(learner.model.state_dict(), RECORDED).items():
            self._norms.setdefault(f"{prefix}/{layer}", []).append(values)
