"""List the kinds of lines of this study, and check that the lines of all jobs fit together."""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import Job, Steps, expect_steps
from loft.tickets.results.cells import CONTROLS, UNPRUNED
from loft.tickets.results.schema.distances import Consecutive, Distance, Distances
from loft.tickets.results.schema.finetuning import Finetuned, Ticket, TicketEpoch
from loft.tickets.results.schema.names import WHOSE
from loft.tickets.results.schema.pretraining import (
    Epoch,
    Measured,
    Pretrained,
    Recorded,
    Result,
    Worker,
)

STEPS: Steps = {
    "pretrain": {
        "job": Pretrained,
        "epoch": Epoch,
        "worker": Worker,
        "measured": Measured,
        "result": Result,
    },
    "finetune": {"job": Finetuned, "epoch": TicketEpoch, "ticket": Ticket},
    "distance": {"job": Distances, "distance": Distance, "consecutive": Consecutive},
}
RECORDED: Steps = {"pretrain": {**STEPS["pretrain"], "job": Recorded}}


def check_all_jobs(jobs: Iterable[Job]) -> None:
    """Check that lines refer only to jobs whose lines are there too.

    Raises:
        UserError: lines of a job are missing, or its distances end at another epoch.
    """
    jobs = [*jobs]
    expect_steps(jobs, STEPS)
    pretrained = {_whose(job[0]): job for job in jobs if job[0]["step"] == "pretrain"}
    finetuned = {_whose(job[0]): job for job in jobs if job[0]["step"] == "finetune"}
    distances = [line for job in jobs for line in job if line["kind"] == "distance"]
    measured = {tuple(line[key] for key in WHOSE) for line in distances}
    for whose, job in pretrained.items():
        dense, trainer = (*whose[:2], UNPRUNED, whose[3]), job[0].get("trained_by")
        _expect("pretrain", pretrained, dense, whose)
        if trainer:
            _expect("pretrain", pretrained, (*whose[:2], trainer, whose[3]), whose)
        else:
            _expect("distance", measured, whose, whose)
            if whose != dense:
                _expect("finetune", finetuned, whose, whose)
    for whose in finetuned:
        other = (*whose[:2], UNPRUNED, whose[3]) if whose[2] in CONTROLS else whose
        _expect("pretrain", pretrained, other, whose)
    for line in distances:
        whose = tuple(line[key] for key in WHOSE)
        _expect("pretrain", pretrained, whose, whose)
        epochs = sum(other["kind"] == "epoch" for other in pretrained[whose])
        if line["to_epoch"] != epochs:
            raise UserError(
                f"--metrics: found distances to epoch {line['to_epoch']} of {_named(whose)};"
                f" expected to its last, {epochs}"
            )


def _whose(about: Mapping[str, Any]) -> tuple[Any, ...]:
    return (about["model"]["name"], about["dataset"], about["cell"], about["seed"])


def _named(whose: tuple[Any, ...]) -> str:
    return f"{' '.join(map(str, whose[:-1]))} seed {whose[-1]}"


def _expect(
    step: str, found: Container[tuple[Any, ...]], whose: tuple[Any, ...], by: tuple[Any, ...]
) -> None:
    if whose not in found:
        beside = "" if whose == by else f" beside those of {_named(by)}"
        raise UserError(
            f"--metrics: found no lines of step '{step}' of {_named(whose)}; expected them{beside}"
        )
