"""Compare what workers change in a round with the same round taken by hand, without workers."""

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from loft.core.data.resident_images import Images
from loft.core.reporting.metrics import Line, read
from loft.core.training.learner import Learner, cosine, recalibrate_batch_norm
from loft.core.training.sample_gradients import PerSample, sums
from loft.models.build import build
from loft.tickets.methods.partition import draw
from loft.tickets.network.blocks import Filters, narrow, partitioned
from loft.tickets.pretraining import worker_changes
from loft.tickets.pretraining.job import WorkerChangesJob
from loft.tickets.pretraining.snapshots import read_snapshot
from loft.tickets.run.run import Run
from tests.conftest import Pretrain

COUNT, SAMPLES = 2, 40  # local iterations, images of each worker


def measure(
    run: Run, cell: str, images_file: Path, pretrain: Pretrain, folder: Path
) -> tuple[WorkerChangesJob, Path, list[Line]]:
    own = run.pretrain_job("preresnet18", cell, 0)
    pretrained, _ = pretrain(own)
    job = WorkerChangesJob(pretraining=own, iterations=[1, COUNT], samples=SAMPLES)
    worker_changes.run(job, images_file, pretrained, folder / "metrics.jsonl")
    return job, pretrained, read(folder / "metrics.jsonl")


def by_hand(
    job: WorkerChangesJob, images: Images, pretrained: Path, epoch: int
) -> dict[str, float]:
    """The round's sums, each worker's network cut out of the whole one here."""
    own = job.pretraining
    stored = read_snapshot(pretrained, epoch)
    loft, squares, parts, total = own.method == "loft", 0.0, 0.0, None
    filters = partitioned(stored.network) if loft else {}
    weights = dict(stored.weights)
    if epoch:  # branches of the merged network are 1 / S of what workers train
        for path in filters:
            weights[f"{path}.conv2.weight"] = weights[f"{path}.conv2.weight"] * own.workers
    loop = images.batches(own.augment, own.sgd.batch_size, "cpu")
    steps = own.epochs * loop.length
    first = min(epoch * loop.length, steps - COUNT)
    for worker in range(own.workers):
        kept: Filters = draw(own.seed, 0, filters, own.workers)[worker] if loft else {}
        counts = {path: len(chosen) for path, chosen in kept.items()}
        network = build(
            **own.model.model_dump(),
            channels=images.channels,
            size=images.size,
            classes=images.classes,
            filters=counts,
            seed=0,
        )
        network.load_state_dict(narrow(weights, kept))
        learner = Learner(network, own.sgd, own.compute, "cpu")
        before = {name: p.detach().clone() for name, p in network.named_parameters()}
        for number, (inputs, labels) in zip(
            range(COUNT), loop.epoch(own.seed, epoch + 1, worker), strict=False
        ):
            learner.step(inputs, labels, cosine(first + number, steps, own.sgd.learning_rate))
        shared = []
        for name, p in network.named_parameters():
            change = (p.detach() - before[name]).double()
            if change.shape == weights[name].shape:
                shared.append(change.flatten())
            else:
                parts += float(change.square().sum())
        squares += float(torch.cat(shared).square().sum())
        total = torch.cat(shared) + (0 if total is None else total)
    assert total is not None
    together = float(total.square().sum())
    return {"shared_squares": squares, "shared_together": together, "partitioned_squares": parts}


@pytest.mark.parametrize("cell", ["loft-2", "local_sgd-2"])
def test_a_round_is_the_one_taken_by_hand(
    run: Run, cell: str, images: Images, images_file: Path, pretrain: Pretrain, tmp_path: Path
) -> None:
    job, pretrained, lines = measure(run, cell, images_file, pretrain, tmp_path)
    found = [line for line in lines if line["kind"] == "updates"]
    epochs = run.snapshots
    assert [(line["epoch"], line["iterations"]) for line in found] == [
        (epoch, count) for epoch in epochs for count in (1, COUNT)
    ]
    for line in found:
        assert line["shared_together"] <= 2 * line["shared_squares"] * (1 + 1e-6)
        if line["iterations"] == COUNT:
            expected = by_hand(job, images, pretrained, line["epoch"])
            for name, value in expected.items():
                assert line[name] == pytest.approx(value, rel=1e-4, abs=1e-6), name
            assert (expected["partitioned_squares"] > 0) == (cell == "loft-2")


def test_gradients_are_of_the_images_that_a_worker_is_about_to_see(
    run: Run, images: Images, images_file: Path, pretrain: Pretrain, tmp_path: Path
) -> None:
    job, pretrained, lines = measure(run, "local_sgd-2", images_file, pretrain, tmp_path)
    own, stored = job.pretraining, read_snapshot(pretrained, 1)
    network = stored.network
    network.load_state_dict(stored.weights, assign=True)
    loop = images.batches(own.augment, own.sgd.batch_size, "cpu")
    for worker in range(2):
        batches = loop.epoch(own.seed, 2, worker)
        seen = [next(batches) for _ in range(COUNT)]
        inputs, labels = (torch.cat([*parts])[:SAMPLES] for parts in zip(*seen, strict=True))
        recalibrate_batch_norm(network, iter([inputs]), "float32", "cpu")
        loss = PerSample(network, lambda out, wanted: F.cross_entropy(out, wanted, reduction="sum"))
        expected = sums(loss.chunks(inputs, labels))
        (line,) = (
            line
            for line in lines
            if (line["kind"], line.get("epoch"), line.get("rank")) == ("gradients", 1, worker)
        )
        assert line["samples"] == SAMPLES == expected.samples
        assert line["squares"] == pytest.approx(expected.squares, rel=1e-3)
        assert line["together"] == pytest.approx(expected.together, rel=1e-3)
