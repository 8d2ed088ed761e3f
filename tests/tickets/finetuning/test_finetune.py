"""A ticket is fine-tuned only for its own job and images."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from loft.cli import main
from loft.core.data.resident_images import Images
from loft.core.errors import JobError, UserError
from loft.core.files.checkpoint import read_tensors
from loft.core.reporting.metrics import read
from loft.core.training.learner import count_parameters
from loft.tickets.finetuning import finetune
from loft.tickets.finetuning.ticket import Ticket
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests.tickets.stored import NAME, About, change, set_to, store


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("pretraining"))


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        (set_to("dataset", "CIFAR-10"), "dataset: found 'CIFAR-10'; expected the images' 'digits'"),
        (set_to("seed", 1), "seed: found 1; expected the job's 0"),
    ],
)
def test_a_ticket_is_held_against_job_and_images(
    made: Path,
    run: Run,
    images_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    about: Callable[[About], None],
    expected: str,
) -> None:
    change(paths.ticket(made, 2, 0.5), paths.ticket(tmp_path, 2, 0.5), about)
    job = run.finetune_job("loft-2", 0).model_copy(update={"tickets": [NAME]})
    given = ["--settings", job.dump(), "--data", str(images_file), "--pretrained", str(tmp_path)]
    outputs = ["--norms", str(tmp_path / "norms"), "--metrics", str(tmp_path / "lines")]
    assert main(["finetune", *given, *outputs]) == 2
    said = capsys.readouterr().err
    assert expected in said
    assert said.count("\n") == 1
    assert not (tmp_path / "lines").exists()


def test_a_ticket_for_other_images_is_refused(
    made: Path, run: Run, images: Images, tmp_path: Path
) -> None:
    tickets = [Ticket.load(made, NAME)]
    larger = Images("digits", [*"0123456789"], *(torch.ones(0, 1, 16, 16),) * 4)
    job = run.finetune_job("loft-2", 0)
    finetune._belong(job, images, tickets, made)
    with pytest.raises(UserError, match="size: found 8; expected the images' 16"):
        finetune._belong(job, larger, tickets, made)


def test_lines_and_norms_of_a_ticket(
    made: Path, run: Run, images_file: Path, tmp_path: Path
) -> None:
    """One epoch: a line of it, one of the ticket, and norms before and after it."""
    job = run.finetune_job("loft-2", 0).model_copy(update={"tickets": [NAME]})
    norms, metrics = tmp_path / "norms.safetensors", tmp_path / "metrics.jsonl"
    finetune.run(job, images_file, made, norms, metrics)
    first, *lines = read(metrics)
    assert (first["step"], first["cell"], first["tickets"]) == (
        "finetune",
        "loft-2",
        [NAME.facts()],
    )
    assert [line["kind"] for line in lines] == ["epoch", "ticket"]
    assert lines[1]["test_accuracy"] == lines[0]["test_accuracy"]
    assert lines[1]["parameters"] == count_parameters(Ticket.load(made, NAME).network)
    rows = read_tensors(norms)[0]["epoch2/prune-0.5/l2/layer1.1.conv1"]
    assert rows.shape == (2, 2)  # epochs + 1, filters
    assert not torch.equal(rows[0], rows[1])


def test_a_loss_that_is_no_number_ends_the_job(
    made: Path, run: Run, images_file: Path, tmp_path: Path
) -> None:
    job = run.finetune_job("loft-2", 0)
    high = job.sgd.model_copy(update={"learning_rate": 1e30})
    job = job.model_copy(update={"tickets": [NAME], "sgd": high})
    with pytest.raises(JobError, match=r"ratio 0.5: the loss of epoch 1 is nan; lower the rate"):
        finetune.run(job, images_file, made, tmp_path / "norms", tmp_path / "lines")
    assert not (tmp_path / "lines").exists()
