"""What each method is, stated as identities, with real worker processes wherever there are several.

Runs are compared by their snapshots, the global model's raw weights.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from loft.core.data.resident_images import Images
from loft.core.files.checkpoint import read_network
from loft.core.reporting.joined_lines import read_joined
from loft.core.reporting.metrics import Line, read
from loft.core.seeding import torch_seed
from loft.core.training.learner import cosine
from loft.models.build import build
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PROTOCOL
from loft.tickets.methods.partition import draw, shares
from loft.tickets.network.blocks import narrow, partitioned
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.pretraining.pretrain import run as pretrain_alone
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests.conftest import Pretrain, changed
from tests.faults.harness import made

PLAIN: dict[str, Any] = {"batch_norm": "carry"}


def network(folder: Path, epoch: int) -> dict[str, Tensor]:
    """A snapshot's parameters and running statistics; counters of batches are no part of it."""
    state, _ = read_network(paths.snapshot(folder, epoch))
    return {name: tensor for name, tensor in state.items() if "tracked" not in name}


def weights(folder: Path, epoch: int) -> dict[str, Tensor]:
    """A snapshot's parameters; running statistics are methods' own affair."""
    state = network(folder, epoch)
    return {name: tensor for name, tensor in state.items() if "running" not in name}


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[n], second[n]) for n in first)


def close(first: Mapping[str, Tensor], second: Mapping[str, Tensor]) -> bool:
    return all(torch.allclose(first[name], second[name], atol=1e-5) for name in second)


def job(run: Run, cell: str) -> PretrainJob:
    return run.pretrain_job("preresnet18", cell, 0)


def batches(job: PretrainJob, images: Images, epoch: int, worker: int) -> list[Any]:
    source = images.batches(job.augment, job.sgd.batch_size, "cpu")
    return list(source.epoch(job.seed, epoch, worker))


def untrained(filters: Mapping[str, int] | None = None) -> torch.nn.Module:
    network = build(
        "preresnet18",
        4,
        channels=1,
        size=8,
        classes=10,
        filters=filters,
        seed=torch_seed("weights", 0),
    )
    network.to(memory_format=torch.channels_last)
    return network.train()


def sgd_step(network: torch.nn.Module, gradients: list[Tensor], rate: float, decay: float) -> None:
    """The textbook's step without momentum."""
    with torch.no_grad():
        for parameter, gradient in zip(network.parameters(), gradients, strict=True):
            parameter.sub_(gradient + decay * parameter, alpha=rate)


def gradients(network: torch.nn.Module, images: Tensor, labels: Tensor) -> list[Tensor]:
    loss = F.cross_entropy(network(images), labels)
    return list(torch.autograd.grad(loss, list(network.parameters())))


@pytest.fixture
def dense(run: Run, pretrain: Pretrain) -> Path:
    return pretrain(job(run, "dense"))[0]


def test_gpipes_gradient_is_the_plain_gradient(run: Run, dense: Path, pretrain: Pretrain) -> None:
    """With one micro-batch BatchNorm too sees what it sees densely, and the bits are the same.

    With two stages the contract of all methods holds it.
    """
    alone = {"trained_by": None, "measured_steps": None}
    piped, _ = pretrain(changed(job(run, "gpipe-4"), {"microbatches": 1}, **alone))
    assert same(network(piped, 2), network(dense, 2))


@pytest.mark.parametrize("precision", ["float32", pytest.param("bfloat16", marks=pytest.mark.slow)])
def test_gpipe_trains_the_same_network_with_two_stages_and_with_four(
    run: Run, pretrain: Pretrain, precision: str
) -> None:
    """So its training is shared; micro-batches of their own make it differ from the dense one."""
    compute = {**run.compute.model_dump(), "precision": precision}
    two, _ = pretrain(changed(job(run, "gpipe-2"), compute=compute))
    alone = {"trained_by": None, "measured_steps": None}
    four, _ = pretrain(changed(job(run, "gpipe-4"), compute=compute, **alone))
    for epoch in run.snapshots:
        assert same(network(two, epoch), network(four, epoch))


@pytest.mark.parametrize("cell", ["gpipe-2", "gpipe-4"])
@pytest.mark.parametrize("precision", ["float32", pytest.param("bfloat16", marks=pytest.mark.slow)])
def test_stages_in_one_process_are_the_pipeline(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path, cell: str, precision: str
) -> None:
    """To the bit, momentum and all; and what they would send is counted as what they do."""
    alone = {"trained_by": None, "measured_steps": None}
    wanted = changed(
        job(run, cell), compute={**run.compute.model_dump(), "precision": precision}, **alone
    )
    folder, lines = pretrain(wanted)
    pretrain_alone(wanted, images_file, tmp_path, tmp_path / "metrics.jsonl", turns=True)
    assert made(tmp_path) == made(folder)
    assert sent(read(tmp_path / "metrics.jsonl")) == sent(lines)


def test_measured_steps_in_one_process_count_what_pipelined_ones_do(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path
) -> None:
    """And their lines say that they were taken in turns."""
    wanted = job(run, "gpipe-4")
    pretrain_alone(wanted, images_file, tmp_path, tmp_path / "metrics.jsonl", turns=True)
    lines, pipelined = read(tmp_path / "metrics.jsonl"), pretrain(wanted)[1]
    check_workers(wanted, read_joined(tmp_path / "metrics.jsonl"), processes=1)
    assert sent(lines) == sent(pipelined)
    assert (lines[0]["turns"], "turns" in pipelined[0]) == (True, False)
    assert [line["steps"] for line in lines if line["kind"] == "measured"] == [2]


def sent(lines: list[Line]) -> list[int]:
    """Bytes of every worker, then of all."""
    return [line["bytes_sent"] for line in lines if line["kind"] in ("worker", "result")]


def test_a_shared_training_is_still_measured(run: Run, pretrain: Pretrain) -> None:
    """Some real pipelined steps stand for all of them: a step sends the same every time."""
    wanted = job(run, "gpipe-4")
    assert (wanted.trained_by, wanted.measured_steps) == ("gpipe-2", 2)
    folder, lines = pretrain(wanted)
    check_workers(wanted, lines)
    assert not paths.snapshot(folder, 2).exists()


@pytest.mark.parametrize(("microbatches", "trainer"), [(1, "dense"), (2, "gpipe-2")])
def test_who_trains_for_gpipe(tiny: dict[str, Any], microbatches: int, trainer: str) -> None:
    tiny["methods"]["gpipe"]["microbatches"] = microbatches
    run = Run.model_validate(tiny)
    assert [run.trainer(cell) for cell in ("gpipe-2", "gpipe-4")] == [trainer, trainer]
    assert run.trainer("loft-2") == "loft-2"
    fine_tuned = [name.snapshot for name in run.tickets(trainer)]
    assert 1 in fine_tuned  # Figure 5's earlier snapshot


def test_local_sgd_with_one_local_step_is_large_batch_sgd(
    run: Run, images: Images, pretrain: Pretrain
) -> None:
    """One step on the mean of the workers' gradients; BatchNorm sees each worker's batch."""
    plain = {**run.pretrain.sgd.model_dump(), "momentum": 0.0, "nesterov": False}
    wanted = changed(job(run, "local_sgd-2"), {**PLAIN, "local_iterations": 1}, sgd=plain)
    folder, _ = pretrain(wanted)
    network = untrained()
    parts = [batches(wanted, images, 1, worker) for worker in range(2)]
    for step, pair in enumerate(zip(*parts, strict=True)):
        found = [gradients(network, *batch) for batch in pair]
        mean = [(first + second) / 2 for first, second in zip(*found, strict=True)]
        rate = cosine(step, wanted.epochs * len(parts[0]), wanted.sgd.learning_rate)
        sgd_step(network, mean, rate, wanted.sgd.weight_decay)
    assert close(dict(network.named_parameters()), weights(folder, 1))


@pytest.mark.parametrize("workers", [2, 3])
def test_loft_is_algorithm_1(run: Run, images: Images, pretrain: Pretrain, workers: int) -> None:
    """Real workers against the algorithm written out in one process, without momentum.

    With three workers the filters do not divide evenly.
    """
    plain = {**run.pretrain.sgd.model_dump(), "momentum": 0.0, "nesterov": False}
    options = {**PLAIN, "branch_scale": "one", "workers": [workers]}
    wanted = changed(job(run, "loft-2"), options, sgd=plain, workers=workers)
    folder, _ = pretrain(wanted)
    whole = untrained()
    state = dict(whole.named_parameters())
    blocks = partitioned(whole)
    orders = [batches(wanted, images, 1, worker) for worker in range(workers)]
    length = len(orders[0])
    for number, start in enumerate(range(0, length, 2)):  # rounds of two local iterations
        partition = draw(0, number, blocks, workers)
        trained = []
        for worker in range(workers):
            sizes = shares(blocks, workers, worker)
            network = untrained(sizes)
            own = narrow({n: p.detach() for n, p in state.items()}, partition[worker])
            network.load_state_dict({n: t.clone() for n, t in own.items()}, strict=False)
            for step in range(start, min(start + 2, length)):
                rate = cosine(step, wanted.epochs * length, wanted.sgd.learning_rate)
                found = gradients(network, *orders[worker][step])
                sgd_step(network, found, rate, wanted.sgd.weight_decay)
            trained.append(dict(network.named_parameters()))
        with torch.no_grad():
            for name, tensor in state.items():
                pieces = [network[name].detach() for network in trained]
                path, layer, _ = f"..{name}".rsplit(".", 2)
                path = path.removeprefix("..")
                if path in blocks and layer != "before":
                    dim = 1 if layer == "conv2" else 0
                    for part, piece in zip(partition, pieces, strict=True):
                        tensor.index_copy_(dim, part[path], piece)
                else:
                    tensor.copy_(torch.stack(pieces).mean(0))
    assert close({n: p.detach() for n, p in state.items()}, weights(folder, 1))


def test_the_merged_branches_are_scaled_when_asked(run: Run, pretrain: Pretrain) -> None:
    scaled, _ = pretrain(job(run, "loft-2"))
    whole, _ = pretrain(changed(job(run, "loft-2"), {"branch_scale": "one"}))
    one, two = weights(whole, 2), weights(scaled, 2)
    for name, tensor in one.items():
        branch = name in {f"layer{group}.1.conv2.weight" for group in (2, 3, 4)}
        assert torch.equal(two[name], tensor / 2 if branch else tensor)


@pytest.mark.parametrize(
    "options",
    [
        {},
        pytest.param({"momentum": "carry", "batch_norm": "average"}, marks=pytest.mark.slow),
        pytest.param({"batch_norm": "carry"}, marks=pytest.mark.slow),
    ],
)
def test_the_direct_exchange_gives_the_stars_network(
    run: Run, pretrain: Pretrain, options: dict[str, Any]
) -> None:
    """With two workers a + b is b + a, and the bits are the same."""
    star, _ = pretrain(changed(job(run, "loft-2"), options))
    wanted = changed(job(run, "loft-2"), {**options, "aggregation": "direct"})
    direct, lines = pretrain(wanted)
    for epoch in run.snapshots:
        path = paths.snapshot(star, epoch)
        assert path.read_bytes() == paths.snapshot(direct, epoch).read_bytes()
    check_workers(wanted, lines)


def test_the_direct_exchange_among_four_is_close_to_the_star(run: Run, pretrain: Pretrain) -> None:
    """One epoch: rounding differs in the order of sums, and ReLUs amplify it later."""
    star, _ = pretrain(job(run, "loft-4"))
    direct, _ = pretrain(changed(job(run, "loft-4"), {"aggregation": "direct"}))
    assert close(weights(star, 1), weights(direct, 1))


def test_four_workers_repeat_bit_by_bit(run: Run, pretrain: Pretrain) -> None:
    """With two the contract of all methods holds it."""
    wanted = job(run, "loft-4")
    first, lines = pretrain(wanted)
    second, _ = pretrain(wanted, again=True)
    for epoch in run.snapshots:
        path = paths.snapshot(first, epoch)
        assert path.read_bytes() == paths.snapshot(second, epoch).read_bytes()
    check_workers(wanted, lines)


def test_pieces_change_nothing(
    run: Run,
    images_file: Path,
    tmp_path: Path,
    pretrain: Pretrain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A network that travels tensor by tensor is the same and takes as many bytes."""
    monkeypatch.setattr("loft.tickets.methods.aggregation.PIECE", 1)
    wanted = job(run, "loft-4")
    metrics = tmp_path / "metrics.jsonl"
    pretrain_alone(wanted, images_file, tmp_path, metrics, turns=True)
    whole, lines = pretrain(wanted)
    for epoch in run.snapshots:
        path = paths.snapshot(tmp_path, epoch)
        assert path.read_bytes() == paths.snapshot(whole, epoch).read_bytes()
    assert read(metrics)[-1]["bytes_sent"] == lines[-1]["bytes_sent"]


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("loft-2", {"batch_norm": "average", "momentum": "carry"}),
        ("loft-2", {"batch_norm": "carry"}),
        ("local_sgd-4", {}),
        ("loft-4", {"aggregation": "direct"}),
        ("local_sgd-2", {"batch_norm": "average"}),
    ],
)
def test_whatever_travels_is_counted(
    run: Run, pretrain: Pretrain, cell: str, options: dict[str, Any]
) -> None:
    wanted = changed(job(run, cell), options)
    check_workers(wanted, pretrain(wanted)[1])


def check_workers(job: PretrainJob, lines: list[Line], processes: int | None = None) -> None:
    workers = [line for line in lines if line["kind"] == "worker"]
    assert [worker["rank"] for worker in workers] == list(range(job.workers))
    assert len({worker["pid"] for worker in workers}) == (processes or job.workers)
    full = sum(
        p.numel() for p in build("preresnet18", 4, channels=1, size=8, classes=10).parameters()
    )
    if job.method in ("loft", "gpipe"):
        assert all(worker["parameters"] < full for worker in workers)
    else:
        assert all(worker["parameters"] == full for worker in workers)
    pretraining = ledger_entry(job, 1, 8, 10, lines[0]["iterations_per_epoch"])
    expected = ledger.total_bytes(pretraining, PROTOCOL)
    assert sum(worker["bytes_sent"] for worker in workers) == expected


def test_all_methods_start_from_the_same_weights(run: Run, dense: Path, pretrain: Pretrain) -> None:
    for cell in ("loft-2", "local_sgd-2", "gpipe-2"):
        folder, _ = pretrain(job(run, cell))
        start = paths.snapshot(folder, 0).read_bytes()
        assert start == paths.snapshot(dense, 0).read_bytes()
