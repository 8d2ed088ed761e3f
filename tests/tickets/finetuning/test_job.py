"""The settings of fine-tuning hold what it uses, and nothing else."""

import pytest

from loft.core.errors import UserError
from loft.tickets.finetuning.job import FinetuneJob
from loft.tickets.run.run import Run


def test_it_comes_back_from_json(run: Run) -> None:
    job = run.finetune_job("loft-2", 0)
    assert FinetuneJob.parse(job.dump()) == job


@pytest.mark.parametrize(
    ("part", "put", "expected"),
    [
        ('"epochs":1', '"epochs":0', "epochs: found 0"),
        ('"seed":0', '"seed":-1', "seed: found -1"),
        ('"seed":0', '"seed":0,"tikets":[]', "tikets: unknown key, did you mean 'tickets'?"),
    ],
)
def test_what_cannot_be_is_named(run: Run, part: str, put: str, expected: str) -> None:
    text = run.finetune_job("loft-2", 0).dump()
    assert part in text
    with pytest.raises(UserError) as error:
        FinetuneJob.parse(text.replace(part, put))
    assert expected in str(error.value)


def test_a_ticket_is_tuned_once(run: Run) -> None:
    job = run.finetune_job("loft-2", 0)
    twice = job.model_copy(update={"tickets": [*job.tickets, job.tickets[0]]})
    with pytest.raises(UserError, match=r"tickets: found .* twice; expected all different"):
        FinetuneJob.parse(twice.dump())
