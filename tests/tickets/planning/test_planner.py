"""A plan says what the run itself would do, and what that needs, to the byte where it can."""

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loft.core.data.dimensions import Dimensions, dimensions
from loft.core.errors import UserError
from loft.tickets.communication import ledger
from loft.tickets.finetuning import finetune
from loft.tickets.methods.convention import PAPER, PROTOCOL
from loft.tickets.planning import costs
from loft.tickets.planning.planner import Job, Planner, longest_chain, rules
from loft.tickets.planning.speed import stated
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.pruning import distance, prune
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.run import Run
from tests.conftest import ROOT, Pretrain, write_params


def test_the_trainings_of_a_tiny_run(jobs: dict[tuple[str, str], Job]) -> None:
    """160 images in batches of 32: 5 steps an epoch; 2 epochs of pretraining, 1 of fine-tuning."""
    trained = ["dense", "gpipe-2", "local_sgd-2", "local_sgd-4", "loft-2", "loft-4"]
    steps = {("pretrain", cell): 2 * 5 for cell in trained}
    steps |= {("measured", "gpipe-4"): 2, ("unpruned", UNPRUNED): 3 * 5}
    tickets = {**dict.fromkeys(trained, 2), "random": 2, "scratch": 2}
    for cell in ("dense", "gpipe-2", "loft-2", "loft-4"):  # the untrained one, and after epoch 1
        tickets[cell] = 3
    steps |= {("finetune", cell): 5 * count for cell, count in tickets.items()}
    steps["finetune", "scratch"] *= 3  # the whole schedule
    assert {key: job.steps for key, job in jobs.items()} == steps
    assert {job.cell: job.tickets for job in jobs.values() if job.tickets} == tickets
    assert [jobs["pretrain", cell].workers for cell in trained] == [1, 2, 2, 4, 2, 4]


def test_every_rule_runs_as_often_as_snakemake_says(tmp_path: Path, tiny: dict[str, Any]) -> None:
    for name in ("src", "workflow", "profiles", "Snakefile"):
        if (ROOT / name).exists():
            (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "params", tmp_path / "params")
    tiny.update(seeds=[0, 1])
    params = write_params(tmp_path / "tiny.yaml", tiny)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = ["snakemake", "-n", "--quiet", "rules", "--configfile", str(params)]
    printed = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    found = dict(re.findall(r"^(\w+) +(\d+)$", printed.stdout, flags=re.MULTILINE))
    run = Run.model_validate(tiny)
    counted = rules(run, Planner(dimensions(run.data), stated(run, 1)).jobs(run))
    assert {**counted, "all": 1} == {name: int(n) for name, n in found.items() if name != "total"}


def test_a_job_lasts_as_long_as_its_operations(
    jobs: dict[tuple[str, str], Job], run: Run, data: Dimensions
) -> None:
    """10 steps of 32 images, 2 evaluations of 100; the steps of two workers take no longer."""
    whole = costs.whole(run.models[0], data)
    steps, tests = 10 * 32 * whole.training_flops, 2 * 100 * whole.forward_flops
    assert jobs["pretrain", "dense"].seconds == pytest.approx(steps + tests)
    calibrations = 2 * 64 * whole.forward_flops
    averaging = jobs["pretrain", "local_sgd-2"]
    assert averaging.seconds == pytest.approx(steps + tests + calibrations)
    assert averaging.device_seconds == 2 * averaging.seconds
    ticket = costs.ticket(run.models[0], data, 0.8, 1)
    both = [costs.ticket(run.models[0], data, ratio, 1) for ratio in (0.5, 0.8)]
    tuned = sum(5 * 32 * each.training_flops + 100 * each.forward_flops for each in both)
    assert jobs["finetune", "random"].seconds == pytest.approx(tuned)
    early = 5 * 32 * ticket.training_flops + 100 * ticket.forward_flops
    assert jobs["finetune", "loft-2"].seconds == pytest.approx(tuned + early)


def test_a_pipeline_of_one_micro_batch_is_no_faster_than_dense(
    planner: Planner, tiny: dict[str, Any]
) -> None:
    steps = {}
    for microbatches in (1, 2, 16):
        tiny["methods"]["gpipe"]["microbatches"] = microbatches
        run = Run.model_validate(tiny)
        job = planner.pretraining(run, run.models[0], "gpipe-4", 0)
        steps[microbatches] = job.step_seconds
    dense = planner.pretraining(run, run.models[0], "dense", 0).step_seconds
    assert steps[1] == pytest.approx(dense)
    assert dense > steps[2] > steps[16] > dense / 4


def test_bytes_are_the_ledgers(
    jobs: dict[tuple[str, str], Job], run: Run, data: Dimensions
) -> None:
    for (step, cell), job in jobs.items():
        if step != "finetune":
            told = run.pretrain_job("preresnet18", cell, 0)
            entry = ledger_entry(told, data.channels, data.size, data.classes, iterations=5)
            assert job.table_sent == ledger.total_bytes(entry, PROTOCOL)
            assert job.table_paper == ledger.total_bytes(entry, PAPER)
            assert (job.sent == job.table_sent) == (step != "measured" or not job.table_sent)
    stages = costs.trained(run.pretrain_job("preresnet18", "gpipe-4", 0), data)[1:]
    collected = sum(4 * (stage.parameters + 2 * stage.channels) for stage in stages)
    measured = jobs["measured", "gpipe-4"]  # 2 steps of 10, and one collection of 2
    steps = (measured.table_sent - 2 * collected) * 2 / 10
    assert measured.sent == pytest.approx(steps + collected)


def content(path: Path) -> int:
    """The bytes of a safetensors file without its header, whose length the first 8 bytes are."""
    whole = path.read_bytes()
    return len(whole) - 8 - int.from_bytes(whole[:8], "little")


def test_disk_is_what_the_files_hold(
    jobs: dict[tuple[str, str], Job], run: Run, pretrain: Pretrain, images_file: Path
) -> None:
    out, lines = pretrain(run.pretrain_job("preresnet18", "dense", 0))
    assert sum(map(content, out.glob("**/*.safetensors"))) == jobs["pretrain", "dense"].disk
    tested = [line for line in lines if line["kind"] == "epoch" and line["test_accuracy"]]
    assert len(tested) == 2  # as the hand-worked duration has it
    before = sum(map(content, out.glob("**/*.safetensors")))
    prune.run(run.prune_job(), [out])
    told = run.finetune_job("dense", 0)
    finetune.run(told, images_file, out, out / "tuned.safetensors", out / "tuned.jsonl")
    after = sum(map(content, out.glob("**/*.safetensors")))
    assert after - before == jobs["finetune", "dense"].disk


def test_disk_of_the_dense_column_has_distances_between_epochs(
    jobs: dict[tuple[str, str], Job], run: Run, pretrain: Pretrain
) -> None:
    out, _ = pretrain(run.pretrain_job("preresnet18", UNPRUNED, 0))
    norms, metrics = out / "norms.safetensors", out / "metrics.jsonl"
    distance.run(run.distance, [norms], [metrics], out / "distances.jsonl")
    assert sum(map(content, out.glob("**/*.safetensors"))) == jobs["unpruned", UNPRUNED].disk


def test_the_exact_part_of_memory(tiny: dict[str, Any]) -> None:
    """PreActResNet-18 at width 64: LoFT's workers hold half of what is partitioned."""
    tiny["models"] = [{"name": "preresnet18", "width": 64}]
    run = Run.model_validate(tiny)
    data = Dimensions("CIFAR-10", 10, 3, 32, 160, 100)
    planner = Planner(data, stated(run, 1))

    def memory(cell: str) -> Any:
        return planner.pretraining(run, run.models[0], cell, 0).memory

    whole, partitioned = 11_171_146, 6_193_152 + 1_792
    statistics = 2 * (4 * 64 + 448 + 896 + 1_792)  # of the groups' BatchNorms
    counters = 8 * 16  # of batches, one to a BatchNorm
    dense, loft = memory("dense"), memory("loft-2")
    assert dense.parameters == dense.gradients == dense.momentum == 4 * whole
    assert dense.images == 160 * (3 * 34**2 + 8)  # padded by a pixel, with a label
    assert dense.exact == 3 * 4 * whole + dense.images
    assert (dense.host, memory("local_sgd-2").host) == (0, 0)
    assert loft.parameters == 4 * (whole - partitioned // 2)
    assert loft.host == 4 * (whole + statistics) + counters
    assert dense.activations > loft.activations > 0
    assert memory("gpipe-2").host > 4 * 10_000_000  # the second stage


def test_least_time_is_that_of_the_longest_chain(jobs: dict[tuple[str, str], Job]) -> None:
    def timed(step: str, cell: str, seconds: float, seed: int = 0) -> Job:
        return dataclasses.replace(jobs[step, cell], seconds=seconds, seed=seed)

    alone = [
        timed("pretrain", "dense", 10),
        timed("pretrain", "loft-2", 30),
        timed("finetune", "dense", 50),
        timed("finetune", "loft-2", 20),
        timed("unpruned", UNPRUNED, 60),
    ]
    assert longest_chain(alone) == 30 + 50  # tickets are cut when the last pretraining has ended
    assert longest_chain([*alone, timed("finetune", "scratch", 75)]) == 10 + 75
    assert longest_chain([*alone, timed("unpruned", UNPRUNED, 99, seed=1)]) == 99


def test_a_batch_larger_than_the_data(run: Run, data: Dimensions) -> None:
    few = dataclasses.replace(data, train_images=10)
    with pytest.raises(UserError, match="batch_size: found 32; expected at most 10"):
        Planner(few, stated(run, 1)).jobs(run)
