"""LoFT's file reads like Algorithm 1, and counts what its workers send whatever they are given."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from loft.core.processes.turn_taking import join_workers, take_turns
from loft.tickets.communication import ledger
from loft.tickets.methods import loft as module
from loft.tickets.methods.convention import PROTOCOL
from loft.tickets.methods.loft import Loft
from loft.tickets.network.blocks import Filters
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.pretraining.setup import setup
from loft.tickets.run.run import Run
from tests.conftest import changed, method_job

LEFT_OUT = 1  # filters of each block and worker, in every round


def test_the_lines_of_algorithm_1_are_marked_in_order() -> None:
    source = Path(module.__file__).read_text(encoding="utf-8")
    marked = [int(line) for line in re.findall(r"# (?:Algorithm 1, l|L)ine (\d+)\.", source)]
    assert marked == list(range(1, 11))


class Leaving(Loft):
    """LoFT whose partitions leave filters out in every round, others each time."""

    def partition(
        self, seed: int, t: int, blocks: Mapping[str, int], workers: int
    ) -> list[Filters]:
        drawn = super().partition(seed, t, blocks, workers)
        return [{path: kept[LEFT_OUT:] for path, kept in own.items()} for own in drawn]

    def shares(self, network: Any, workers: int) -> list[Any]:
        return [
            share._replace(filters={p: count - LEFT_OUT for p, count in share.filters.items()})
            for share in super().shares(network, workers)
        ]


def train(job: PretrainJob, images: Any, sent: list[int]) -> None:
    """Be a worker for two epochs of two rounds of a step."""
    workers = join_workers()
    batches = images.batches(job.augment, job.sgd.batch_size, "cpu", loaders=0)
    worker = job.options.worker(setup(job, images, workers, lambda: iter(())))
    for epoch in (1, 2):
        for number, (inputs, labels) in enumerate(batches.epoch(job.seed, epoch, worker.order)):
            if number < 2:
                worker.step(inputs, labels, 0.01)
                worker.synchronise(collect=number == 1)
    if workers.rank == 0:
        assert all(tensor.isfinite().all() for tensor in worker.merged_network().parameters())
    sent.append(workers.sent)


@pytest.mark.parametrize("aggregation", ["star", "direct"])
@pytest.mark.parametrize("workers", [2, 3])
def test_a_partition_may_leave_filters_out(
    run: Run, images: Any, aggregation: str, workers: int
) -> None:
    """Bytes that are counted while training are those that follow from shapes."""
    torch.set_num_threads(1)
    given = {"aggregation": aggregation, "local_iterations": 1, "workers": [workers]}
    job = changed(run.pretrain_job("preresnet18", "loft-2", 0), given, workers=workers, epochs=2)
    job = job.model_copy(update={"options": Leaving.model_validate(job.options.model_dump())})
    sent: list[int] = []
    take_turns(train, (job, images, sent), workers)
    pretraining = ledger_entry(job, 1, 8, 10, iterations=2)
    assert sum(sent) == ledger.total_bytes(pretraining, PROTOCOL) > 0


@pytest.mark.parametrize("aggregation", ["star", "direct"])
def test_one_partition_for_all_rounds(run: Run, images: Any, aggregation: str) -> None:
    """Workers keep their filters, so the direct exchange has only shared tensors to send."""
    torch.set_num_threads(1)
    sent: dict[str, int] = {}
    for repartition in ("every_round", "once"):
        given = {"aggregation": aggregation, "local_iterations": 1, "workers": [2]}
        given["repartition"] = repartition
        job = changed(run.pretrain_job("preresnet18", "loft-2", 0), given, workers=2, epochs=2)
        counted: list[int] = []
        take_turns(train, (job, images, counted), 2)
        entry = ledger_entry(job, 1, 8, 10, iterations=2)
        sent[repartition] = sum(counted)
        assert sent[repartition] == ledger.total_bytes(entry, PROTOCOL)
    assert (sent["once"] < sent["every_round"]) == (aggregation == "direct")


def test_the_first_partition_is_the_same_whether_others_follow(run: Run) -> None:
    blocks = {"layer2.1": 8, "layer3.1": 16}
    options = run.pretrain_job("preresnet18", "loft-2", 0).options
    once = options.model_copy(update={"repartition": "once"})

    def drawn(method: Any, t: int) -> list[list[int]]:
        return [own["layer3.1"].tolist() for own in method.partition(0, t, blocks, 2)]

    assert drawn(once, 0) == drawn(options, 0)
    assert drawn(once, 5) == drawn(once, 0) != drawn(options, 5)


def test_carried_statistics_of_the_batchnorms_that_all_share_are_rank_0s(
    run: Run, images: Any
) -> None:
    """They are not sent, and the merged network would have those of its first moment."""
    job = method_job(run, "loft", 2, batch_norm="carry")
    found: list[dict[str, torch.Tensor]] = []

    def be_a_worker(job: PretrainJob) -> None:
        workers = join_workers()
        worker = job.options.worker(setup(job, images, workers, lambda: iter(())))
        batches = images.batches(job.augment, job.sgd.batch_size, "cpu", loaders=0)
        inputs, labels = next(iter(batches.epoch(job.seed, 1, worker.order)))
        worker.step(inputs, labels, 0.01)
        worker.synchronise(collect=True)
        if workers.rank == 0:
            found.extend([worker.merged_network().state_dict(), worker.learner.model.state_dict()])

    take_turns(be_a_worker, (job,), 2)
    merged, own = found
    shared = [name for name in merged if name.endswith("running_mean") and "between" not in name]
    assert len(shared) > 5
    for name in shared:
        assert torch.equal(merged[name], own[name])
        assert merged[name].any()
