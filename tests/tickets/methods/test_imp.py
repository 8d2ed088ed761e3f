"""Iterative pruning trains, prunes, rewinds and trains again."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from loft.core.data.resident_images import Images
from loft.core.files.checkpoint import read_network
from loft.core.processes.workers import ProcessWorker
from loft.core.training.learner import Learner, cosine
from loft.models.build import build
from loft.tickets.communication import ledger
from loft.tickets.methods.imp import Imp
from loft.tickets.methods.interface import RunFacts
from loft.tickets.network.blocks import narrow, pruned
from loft.tickets.network.survivors import score, surviving
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.setup import setup
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests.conftest import Pretrain, changed, method_job
from tests.tickets.methods.harness import same

IMAGE = (1, 8, 8)
HALF_WAY = 1 - 0.2**0.5  # of 80 % in two rounds


def job(run: Run, **options: Any) -> PretrainJob:
    return method_job(run, "imp", 1, **options)


def snapshot(folder: Path, epoch: int) -> dict[str, Tensor]:
    state, _ = read_network(paths.snapshot(folder, epoch))
    return state


def test_one_round_is_dense_training(run: Run, pretrain: Pretrain) -> None:
    folder, _ = pretrain(job(run, rounds=1))
    dense, _ = pretrain(method_job(run, "dense", 1))
    assert all(same(snapshot(folder, epoch), snapshot(dense, epoch)) for epoch in run.snapshots)


@pytest.mark.parametrize("early", [0, 1])
def test_the_second_round_trains_the_rewound_ticket(
    run: Run, images: Images, pretrain: Pretrain, early: int
) -> None:
    """To the bit: the filters of largest norm after the first round, with weights of epoch k."""
    wanted = job(run, rounds=2, rewind_epoch=early)
    folder, _ = pretrain(wanted)
    dense, _ = pretrain(changed(method_job(run, "dense", 1), epochs=1, snapshots=[0, 1]))
    assert same(snapshot(folder, 1), snapshot(dense, 1))
    whole = build("preresnet18", 4, channels=1, size=8, classes=10)
    kept = surviving(score("l2", whole, snapshot(dense, 1), IMAGE, 0), HALF_WAY)
    assert {path: len(indices) for path, indices in kept.items()} == {
        **{"layer1.1": 2, "layer2.1": 4, "layer3.1": 8, "layer4.1": 15}
    }
    filters = {path: len(indices) for path, indices in kept.items()}
    ticket = build("preresnet18", 4, channels=1, size=8, classes=10, filters=filters, seed=0)
    ticket.load_state_dict(narrow(snapshot(folder, early), kept))
    learner = Learner(ticket, wanted.sgd, wanted.compute, "cpu")
    batches = images.batches(wanted.augment, wanted.sgd.batch_size, "cpu", loaders=0)
    for step, (inputs, labels) in enumerate(batches.epoch(wanted.seed, 2, 0)):
        rate = cosine(step, batches.length, wanted.sgd.learning_rate)
        learner.step(inputs, labels, rate)
    found = snapshot(folder, 2)
    assert same(narrow(found, kept), ticket.state_dict())
    for path, indices in kept.items():
        gone = [index for index in range(pruned(whole)[path]) if index not in indices]
        assert not found[f"{path}.conv1.weight"][gone].any()
        assert not found[f"{path}.conv2.weight"][:, gone].any()


def test_the_global_model_is_the_ticket(run: Run, images: Images) -> None:
    """Filters that were removed are zero in it and change no output."""
    worker = begun(run, images)
    network, model = worker.network().eval(), worker.merged_network().eval()
    pictures = torch.rand(4, *IMAGE)
    with torch.no_grad():
        torch.testing.assert_close(model(pictures), network(pictures))


def begun(run: Run, images: Images) -> Any:
    """A worker in the middle of its second round."""
    wanted = job(run, rounds=2)
    worker = wanted.options.worker(setup(wanted, images, ProcessWorker(), lambda: iter(())))
    batches = images.batches(wanted.augment, wanted.sgd.batch_size, "cpu", loaders=0)
    for inputs, labels in batches.epoch(wanted.seed, 1, 0):
        worker.step(inputs, labels, 0.05)
    worker.synchronise(collect=True)
    step(worker, wanted, images)
    return worker


def step(worker: Any, wanted: PretrainJob, images: Images) -> None:
    """Take a step on the first batch of the second epoch."""
    batches = images.batches(wanted.augment, wanted.sgd.batch_size, "cpu", loaders=0)
    inputs, labels = next(iter(batches.epoch(wanted.seed, 2, 0)))
    worker.step(inputs, labels, 0.05)


def test_it_continues_from_its_state(run: Run, images: Images) -> None:
    """In the middle of a round, with the same bits."""
    wanted = job(run, rounds=2)
    worker = begun(run, images)
    other = wanted.options.worker(setup(wanted, images, ProcessWorker(), lambda: iter(())))
    other.load_state({name: tensor.clone() for name, tensor in worker.state().items()})
    for each in (worker, other):
        step(each, wanted, images)
    assert same(worker.merged_network().state_dict(), other.merged_network().state_dict())
    whole = sum(parameter.numel() for parameter in worker.merged_network().parameters())
    assert worker.parameters == other.parameters < whole


def test_filters_of_each_round_by_hand() -> None:
    """Of 64 filters 20 % stay after two rounds, and the root of 0.2, 44.7 %, after one."""
    method = Imp(rounds=2, ratio=0.8)
    assert [method.widths({"block": 64}, done)["block"] for done in (0, 1, 2)] == [64, 29, 13]


def test_the_networks_of_all_rounds_are_known(run: Run) -> None:
    network = ledger.network_builder(run.models[0], *IMAGE[:2], 10)
    found = Imp(rounds=2, ratio=0.8).networks(network, 1)
    assert [pruned(each)["layer4.1"] for each in found] == [32, 15]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({}, ""),
        ({"workers": [2]}, "workers"),
        ({"rounds": 3}, "rounds"),
        ({"rewind_epoch": 3}, "rewind_epoch"),
        ({"ratio": 0.9}, "ratio"),
    ],
)
def test_what_a_run_cannot_do_is_refused(options: dict[str, Any], key: str) -> None:
    facts = RunFacts(batch_size=32, epochs=8, least_ratio=0.8, narrowest=8, single_value="")
    found = [line.partition(":")[0] for line in Imp.model_validate(options).conflicts(facts)]
    assert found == [key] * bool(key)
