"""What every pretraining method must do, held for each that the table has.

Runs are compared by their snapshots, the global model's raw weights.
"""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from loft.core.data.resident_images import Images
from loft.core.files.checkpoint import read_network
from loft.core.processes.turn_taking import join_workers, take_turns
from loft.tickets.communication import ledger
from loft.tickets.methods import METHODS
from loft.tickets.methods.convention import PROTOCOL
from loft.tickets.methods.interface import Method, RunFacts, find
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.pretraining.setup import setup
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests.conftest import Pretrain, changed, method_job
from tests.faults.harness import Step, made

FACTS = RunFacts(
    batch_size=32, epochs=2, least_ratio=0.8, narrowest=8, single_value=""
)  # of the tests' run


def takes(method: str, workers: int) -> bool:
    """Whether a method can have so many workers."""
    try:
        own = find(method).model_validate({"workers": [workers]})
    except ValidationError:
        return False
    return not [*own.conflicts(FACTS)]


DISTRIBUTED = [name for name in METHODS if takes(name, 2)]


def job(run: Run, method: str, workers: int, **values: Any) -> PretrainJob:
    """A method's pretraining with its plain options, by so many workers."""
    return changed(method_job(run, method, workers, **find(method).plain), **values)


def alone(method: str) -> int:
    """The fewest workers that a method has: one, but for pipelines."""
    return next(workers for workers in range(1, 9) if takes(method, workers))


def weights(folder: Path, epoch: int) -> dict[str, Tensor]:
    state, _ = read_network(paths.snapshot(folder, epoch))
    return {name: tensor for name, tensor in state.items() if name.endswith((".weight", ".bias"))}


def same(first: Mapping[str, Tensor], second: Mapping[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[n], second[n]) for n in first)


def without_momentum(run: Run, **values: Any) -> dict[str, Any]:
    plain = {"momentum": 0.0, "nesterov": False, "weight_decay": 0.0}
    return {**run.pretrain.sgd.model_dump(), **plain, **values}


@pytest.mark.parametrize("method", METHODS)
def test_its_address_leads_to_its_class(method: str) -> None:
    assert issubclass(find(method), Method)
    assert find(method).look.title


def test_tables_and_figures_tell_methods_apart() -> None:
    looks = [find(method).look for method in METHODS]
    for each in ("title", "colour", "mark"):
        assert len({getattr(look, each) for look in looks}) == len(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_a_share_is_trained_by_each_worker(run: Run, method: str) -> None:
    """And the parts of the whole network that workers train together are all of it."""
    workers = max(alone(method), 2) if method in DISTRIBUTED else 1
    wanted = job(run, method, workers)
    network = ledger.network_builder(wanted.model, 1, 8, 10)
    shares = wanted.options.shares(network(None), workers)
    assert len(shares) == workers
    if any(share.layers for share in shares):
        layers = [path for share in shares for path in share.layers]
        tensors = [
            f"{path}.{name}"
            for path in layers
            for name in network(None).get_submodule(path).state_dict()
        ]
        assert tensors == [*network(None).state_dict()]


@pytest.fixture(scope="module")
def dense(run: Run, pretrain: Pretrain) -> Path:
    return pretrain(job(run, "dense", 1))[0]


@pytest.mark.parametrize("method", DISTRIBUTED)
def test_one_worker_is_sgd(run: Run, dense: Path, pretrain: Pretrain, method: str) -> None:
    """Bit for bit, momentum and all, from the same untrained network."""
    folder, _ = pretrain(job(run, method, alone(method)))
    for epoch in run.snapshots:
        assert same(weights(folder, epoch), weights(dense, epoch))


@pytest.mark.parametrize("method", DISTRIBUTED)
def test_an_untouched_network_comes_back(run: Run, pretrain: Pretrain, method: str) -> None:
    """Whatever a method hands out and takes in, every filter has one place to return to.

    A learning rate below the smallest float32 leaves only the handing out.
    """
    still = without_momentum(run, learning_rate=1e-60)
    folder, _ = pretrain(job(run, method, 2, sgd=still, epochs=1, snapshots=[0, 1]))
    assert same(weights(folder, 0), weights(folder, 1))


@pytest.mark.parametrize("method", DISTRIBUTED)
def test_every_filter_is_trained_by_someone(run: Run, pretrain: Pretrain, method: str) -> None:
    """Of every convolution each filter has moved after an epoch, without weight decay's help."""
    moving = without_momentum(run)
    folder, _ = pretrain(job(run, method, 2, sgd=moving, epochs=1, snapshots=[0, 1]))
    before, after = weights(folder, 0), weights(folder, 1)
    for name in (name for name, tensor in before.items() if tensor.dim() == 4):
        moved = (after[name] != before[name]).flatten(1).any(1)  # (filters,)
        assert moved.all(), name


@pytest.mark.parametrize("method", DISTRIBUTED)
def test_it_repeats_and_counts_what_its_account_says(
    run: Run, pretrain: Pretrain, method: str
) -> None:
    wanted = job(run, method, 2)
    folder, lines = pretrain(wanted)
    again, _ = pretrain(wanted, again=True)
    for epoch in run.snapshots:
        path = paths.snapshot(folder, epoch)
        assert path.read_bytes() == paths.snapshot(again, epoch).read_bytes()
    workers = [line for line in lines if line["kind"] == "worker"]
    assert [worker["rank"] for worker in workers] == [0, 1]
    assert len({worker["pid"] for worker in workers}) == 2
    pretraining = ledger_entry(wanted, 1, 8, 10, lines[0]["iterations_per_epoch"])
    expected = ledger.total_bytes(pretraining, PROTOCOL)
    assert expected > 0
    assert sum(worker["bytes_sent"] for worker in workers) == expected


@pytest.mark.parametrize("method", DISTRIBUTED)
def test_what_a_worker_keeps_is_predicted(run: Run, images: Images, method: str) -> None:
    """The tensors from which it continues, beside its network and momentum, but for counters."""
    wanted = method_job(run, method, 2)

    def look() -> None:
        workers = join_workers()
        worker = wanted.options.worker(setup(wanted, images, workers, lambda: iter(())))
        own = {name: tensor for name, tensor in worker.state().items() if tensor.ndim}
        kept = sum(tensor.nbytes for name, tensor in own.items() if not name.startswith("model/"))
        network = ledger.network_builder(wanted.model, 1, 8, 10)(None)
        assert kept == wanted.options.kept_bytes(network)

    take_turns(look, (), 2)


INTERRUPTED = ("loft", "local_powersgd")  # those with the most state; the others take long too


@pytest.mark.parametrize(
    "method",
    [
        method if method in INTERRUPTED else pytest.param(method, marks=pytest.mark.slow)
        for method in DISTRIBUTED
    ],
)
def test_an_interrupted_run_goes_on_with_the_same_bits(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path, method: str
) -> None:
    """A signal at any time: state is saved at the next step where the workers meet."""
    wanted = job(run, method, 2, epochs=8, snapshots=[0, 8])
    whole, _ = pretrain(wanted)
    given = ["pretrain", "--settings", wanted.dump(), "--data", str(images_file)]
    given += ["--out", str(tmp_path / "made"), "--work", str(tmp_path / "work")]
    step = Step([*given, "--metrics", str(tmp_path / "made" / "metrics.jsonl")], tmp_path)
    status, said = step.interrupt(signal.SIGTERM, 0.1)
    if status != 0:  # else it was faster than the signal
        assert said.splitlines()[-1].startswith("loft: stopped by SIGTERM")
        assert "epoch 1/" not in step.finish()
    assert made(tmp_path / "made") == made(whole)
