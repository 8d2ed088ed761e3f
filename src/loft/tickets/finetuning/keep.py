"""Write and read fine-tuned tickets: the weights, and a JSON file that says what they are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import PositiveInt

from loft.core.files.checkpoint import read_network, write_network
from loft.core.reporting.provenance import machine
from loft.core.training.learner import resolve_precision
from loft.tickets.finetuning.job import FinetuneJob
from loft.tickets.finetuning.ticket import Ticket
from loft.tickets.pretraining.snapshots import StoredNetwork, check_shapes, read_facts
from loft.tickets.pruning.job import TicketName
from loft.tickets.pruning.tickets import TicketFacts, check_ticket
from loft.tickets.results import paths


class FinetunedFacts(TicketFacts):
    """The contents of a fine-tuned ticket's JSON file. Accuracies are in percent.

    Attributes:
        pruned_accuracy: of the ticket before its fine-tuning.
        test_accuracy: of the weights in the file.
        finetuning_epochs: length of the fine-tuning.
        parameters: numbers that are trained.
        flops: operations of a forward pass on one image, two to a multiply-add.
        images_seen: images of all epochs of fine-tuning.
        operations: those of fine-tuning's forward and backward passes.
    """

    pruned_accuracy: float
    test_accuracy: float
    finetuning_epochs: PositiveInt
    parameters: PositiveInt
    flops: PositiveInt
    images_seen: PositiveInt
    operations: PositiveInt


def read_finetuned(folder: Path, name: TicketName) -> StoredNetwork:
    """Read a ticket of a pretraining after its fine-tuning.

    Raises:
        UserError: a file is missing, damaged or belongs to another ticket.
    """
    path = paths.finetuned(folder, name.snapshot, name.ratio)
    weights, about = read_network(path)
    facts = read_facts(FinetunedFacts, about, path.with_suffix(".json"))
    check_ticket(path, facts, name)
    return check_shapes(path, facts, weights, about)


def write_finetuned(
    folder: Path, ticket: Ticket, job: FinetuneJob, facts: Mapping[str, Any]
) -> None:
    """Write a ticket's network after fine-tuning, and what it is and where it comes from.

    Args:
        folder: folder of the pretraining, or, while the job runs, `outputs` of its state.
        ticket: the ticket, fine-tuned.
        job: settings of the fine-tuning.
        facts: what was measured, as in the ticket's line.
    """
    name, device = ticket.name, str(next(ticket.network.parameters()).device)
    about = {
        **ticket.about,
        **{key: value for key, value in facts.items() if key != "snapshot"},  # `epoch` has it
        "finetuning_epochs": job.epochs,
        "precision": resolve_precision(job.compute.precision, device),
        **machine(),
    }
    write_network(
        paths.finetuned(folder, name.snapshot, name.ratio), ticket.network.state_dict(), about
    )
