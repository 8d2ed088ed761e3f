"""Fine-tuning: the tickets of one pretraining trained to the end, and what they are worth."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from loft.core.checkpoint import read_network, write_tensors
from loft.core.data import Batches, read
from loft.core.errors import JobError, UserError
from loft.core.metrics import Journal
from loft.core.progress import Progress, describe
from loft.core.training import Learner, Tally, accuracy, cosine, resolve_precision
from loft.core.workers import Workers
from loft.models.build import build
from loft.tickets import layout
from loft.tickets.jobs import FinetuneJob, TicketName
from loft.tickets.methods.interface import count_parameters
from loft.tickets.norms import measured

RECORDED = ("l2",)  # of the kinds of `norms`


@dataclass(frozen=True)
class Ticket:
    """A pruned network and what its file says of it."""

    name: TicketName
    network: nn.Module
    about: dict[str, Any]

    @classmethod
    def load(cls, folder: Path, name: TicketName) -> "Ticket":
        """Read a ticket. Raises UserError where weights do not fit the network they name."""
        path = layout.ticket(folder, name.snapshot, name.ratio)
        weights, about = read_network(path)
        shape = {key: about[key] for key in ("channels", "size", "classes")}
        network = build(**about["model"], **shape, filters=about["filters"])
        try:
            network.load_state_dict(weights, assign=True)
        except RuntimeError as error:
            raise UserError(f"{path}: {' '.join(str(error).split())}") from None
        return cls(name, network, about)

    def flops(self, size: int) -> int:
        """Return the operations of a forward pass on one image, two to a multiply-add.

        Convolutions and the classifier count; BatchNorm, ReLU and additions do not.
        """
        image = torch.zeros(1, self.about["channels"], size, size)
        self.network.eval()
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            self.network(image)
        return int(counter.get_total_flops())


def run(
    job: FinetuneJob, data: Path, folder: Path, norms: Path, metrics: Path, loaders: int = 0
) -> None:
    """Fine-tune tickets one after the other.

    Args:
        job: what to do.
        data: images, made by `loft data`.
        folder: of the pretraining, with its tickets.
        norms: file for every ticket's filter norms.
        metrics: the JSON lines to write.
        loaders: processes that read image files.

    Raises:
        UserError: images or tickets are missing or damaged, or there are too few images.
        JobError: the loss is no number.
    """
    torch.set_num_threads(job.compute.threads)
    images, device = read(data), Workers().device
    tickets = [Ticket.load(folder, name) for name in job.tickets]
    about = tickets[0].about
    journal = Journal(
        {
            "step": "finetune",
            **{key: about[key] for key in ("model", "dataset", "cell", "seed")},
            "device": device,
            "precision": resolve_precision(job.compute.precision, device),
            "settings": job.model_dump(),
        }
    )
    batches = images.batches(job.augment, job.sgd.batch_size, device, loaders)
    rankings: dict[str, Tensor] = {}
    for ticket in tickets:
        prefix = f"epoch{ticket.name.snapshot}/prune-{ticket.name.ratio:g}"
        for layer, rows in (
            Finetuning(job, ticket, batches, images.size, device).run(journal).items()
        ):
            rankings[f"{prefix}/{layer}"] = rows
    write_tensors(norms, rankings)
    journal.write(metrics)


class Finetuning:
    """The training of one ticket, in one process."""

    def __init__(
        self, job: FinetuneJob, ticket: Ticket, batches: Batches, size: int, device: str
    ) -> None:
        self._job, self._ticket, self._batches = job, ticket, batches
        self._size = {
            "parameters": count_parameters(ticket.network),
            "flops": ticket.flops(size),
        }
        self._learner = Learner(ticket.network, job.sgd, job.compute, device)

    def run(self, journal: Journal) -> dict[str, Tensor]:
        """Train; return every layer's filter norms, (epochs + 1, filters), the start included."""
        job, ticket = self._job, self._ticket
        name = f"{ticket.about['model']['name']} {ticket.about['cell']} seed {job.seed}"
        what = f"finetune {name} snapshot {ticket.name.snapshot} ratio {ticket.name.ratio:g}"
        progress = Progress(what, job.epochs)
        norms = [measured(self._learner.model.state_dict(), RECORDED)]
        for epoch in range(1, job.epochs + 1):
            tally = self._train(epoch)
            loss = tally.loss / tally.images
            if not math.isfinite(loss):
                raise JobError(f"{what}: the loss of epoch {epoch} is {loss}; lower the rate")
            line = {
                **ticket.name.model_dump(),
                "epoch": epoch,
                "loss": loss,
                "train_accuracy": 100 * tally.correct / tally.images,
                "test_accuracy": self._evaluate(epoch),
            }
            journal.add("epoch", **line)
            progress.show(epoch, describe(line))
            norms.append(measured(self._learner.model.state_dict(), RECORDED))
        tested = journal.lines[-1]["test_accuracy"]
        journal.add("ticket", **ticket.name.model_dump(), **self._size, test_accuracy=tested)
        return {layer: torch.stack([row[layer] for row in norms]) for layer in norms[0]}

    def _train(self, epoch: int) -> Tally:
        """Train for one epoch; the order of the data goes on from the snapshot's epoch."""
        job, length = self._job, self._batches.length
        tally = Tally()
        batches = self._batches.epoch(job.seed, self._ticket.name.snapshot + epoch, worker=0)
        for iteration, (images, labels) in enumerate(batches):
            step = (epoch - 1) * length + iteration
            rate = cosine(step, job.epochs * length, job.sgd.learning_rate)
            tally.add(self._learner.step(images, labels, rate))
        return tally

    def _evaluate(self, epoch: int) -> float | None:
        if epoch % self._job.evaluate_every and epoch < self._job.epochs:
            return None
        model, device = self._learner.model, self._learner.device
        return accuracy(model, self._batches, self._job.compute.precision, device)
