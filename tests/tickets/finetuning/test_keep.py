"""Fine-tuned networks are kept, and what their files say is true of their weights."""

import json
from pathlib import Path
from typing import Any

import pytest

from loft.core.data.resident_images import Images
from loft.core.errors import UserError
from loft.core.files.checkpoint import read_tensors, write_network
from loft.core.reporting.metrics import read
from loft.core.training.learner import evaluate
from loft.models.build import build
from loft.tickets.finetuning import finetune
from loft.tickets.finetuning.job import FinetuneJob
from loft.tickets.finetuning.keep import read_finetuned
from loft.tickets.pruning import prune
from loft.tickets.pruning.tickets import read_ticket
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests.conftest import ORIGIN


@pytest.fixture(scope="module")
def job(run: Run) -> FinetuneJob:
    return run.finetune_job("loft-2", 0)


@pytest.fixture(scope="module")
def folder(
    run: Run, job: FinetuneJob, images_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A pretraining's folder after fine-tuning."""
    made = tmp_path_factory.mktemp("pretraining")
    shape: dict[str, Any] = {"channels": 1, "size": 8, "classes": 10}
    about = {"model": {"name": "preresnet18", "width": 4}, "dataset": "digits", **shape, **ORIGIN}
    about |= {"cell": "loft-2", "seed": 0, "filters": {}, "test_accuracy": 12.5}
    for epoch in run.snapshots:
        weights = build("preresnet18", 4, **shape, seed=epoch).state_dict()
        write_network(paths.snapshot(made, epoch), weights, {**about, "epoch": epoch})
    prune.run(run.prune_job(), [made])
    finetune.run(job, images_file, made, made / "norms.safetensors", made / "metrics.jsonl")
    return made


def test_accuracies_are_those_of_the_weights(
    folder: Path, job: FinetuneJob, images: Images
) -> None:
    batches = images.batches(job.augment, job.sgd.batch_size, "cpu")
    lines = [line for line in read(folder / "metrics.jsonl") if line["kind"] == "ticket"]
    for name in job.kept:
        ticket, finetuned = read_ticket(folder, name), read_finetuned(folder, name)
        measured = []
        for network, weights, _ in (ticket, finetuned):
            network.load_state_dict(weights, assign=True)
            measured.append(evaluate(network, batches, "float32", "cpu").accuracy)
        about = finetuned.about
        assert measured == [about["pruned_accuracy"], about["test_accuracy"]]
        assert about["parent_accuracy"] == ticket.about["parent_accuracy"] == 12.5
        (line,) = (line for line in lines if line.items() >= name.facts().items())
        known = ("parent_accuracy", "pruned_accuracy", "test_accuracy", "flops", "images_seen")
        assert {key: line[key] for key in known} == {key: about[key] for key in known}


def test_the_last_snapshots_tickets_are_kept_and_no_others(
    folder: Path, run: Run, job: FinetuneJob
) -> None:
    kept = {path.parent.relative_to(folder) for path in folder.rglob("finetuned.safetensors")}
    assert kept == {Path("epoch2", f"prune-{ratio}") for ratio in run.prune.ratios}
    assert len(job.tickets) > len(job.kept) == 2
    values = run.model_dump()
    values["finetune"]["keep"] = "none"
    assert Run.model_validate(values).finetune_job("loft-2", 0).kept == []


def test_a_file_says_what_is_needed_to_use_the_network(folder: Path, job: FinetuneJob) -> None:
    about = read_finetuned(folder, job.kept[0]).about
    assert about["class_names"] == [*"0123456789"]
    assert (len(about["mean"]), len(about["std"])) == (1, 1)
    assert (about["run"], about["cell"], about["seed"], about["epoch"]) == ("tiny", "loft-2", 0, 2)
    assert about["finetuning_epochs"] == job.epochs


def test_another_tickets_file_is_refused(folder: Path, job: FinetuneJob, tmp_path: Path) -> None:
    one, other = job.kept
    source = paths.finetuned(folder, other.snapshot, other.ratio)
    to = paths.finetuned(tmp_path, one.snapshot, one.ratio)
    weights, _ = read_tensors(source)
    write_network(to, weights, json.loads(source.with_suffix(".json").read_text()))
    with pytest.raises(UserError, match=r"finetuned\.json: ratio: found"):
        read_finetuned(tmp_path, one)
