"""What processes hold, by hand and under a limit that the kernel keeps."""

from pathlib import Path

import pytest

from benchmarks.memory import IMAGES, Limit, case, derive, pretrain
from loft.core.data.dimensions import Dimensions
from loft.tickets.planning.memory_by_phase import PhaseMemory, memory_by_phase

WIDTH = 128
DATA = Dimensions("digits", 10, 1, 8, IMAGES["train_images"], IMAGES["test_images"])


def of(cell: str, width: int = 64) -> list[PhaseMemory]:
    return memory_by_phase(case(cell, width)[0], DATA, "float32")


def test_what_is_exact() -> None:
    """PreActResNet-18 at width 64: of what is partitioned a worker of four trains a quarter."""
    whole, apart = 11_171_146 - 2 * 9 * 64, 6_193_152 + 1_792  # one channel in place of three
    (dense,), loft = of("dense"), of("loft-4")
    assert dense.exact == 3 * 4 * whole
    assert [worker.exact for worker in loft] == [3 * 4 * (whole - 3 * apart // 4)] * 4


def test_rank_0_holds_the_network_between_rounds_alone() -> None:
    first, *others = of("loft-4")
    assert first.training == others[0].training
    whole = 4 * 11_000_000
    assert first.synchronising - others[0].synchronising > whole
    assert first.evaluating - others[0].evaluating > whole


@pytest.mark.parametrize("width", [64, 128, 256])
def test_loft_needs_less_than_dense_training_cannot_do_without(width: int) -> None:
    (dense,) = of("dense", width)
    assert all(worker.peak < dense.exact for worker in of("loft-4", width))


@pytest.mark.slow
def test_loft_trains_where_dense_training_runs_out_of_memory(tmp_path: Path) -> None:
    limit: Limit = derive(WIDTH, tmp_path)
    assert limit.baseline > 0
    dense, loft = (case(cell, WIDTH)[0] for cell in ("dense", "loft-4"))
    failed = pretrain(dense, tmp_path, limit.bytes)
    *_, line = failed.said.splitlines()
    assert line.startswith("loft: pretrain preresnet18 dense seed 0: worker 0 of 1: out of memory")
    assert failed.status == 1
    assert not (tmp_path / "metrics.jsonl").exists()
    trained = pretrain(loft, tmp_path, limit.bytes)
    assert trained.status == 0, trained.said
    assert len(trained.peaks) == 4


@pytest.mark.slow
def test_a_process_without_memory_is_one_line(tmp_path: Path) -> None:
    """A worker, or before it the check of the processor, which copies the largest layer."""
    limit = derive(WIDTH, tmp_path)
    for cell, more, who in [
        ("local_sgd-2", limit.dense.exact, "pretrain preresnet18 local_sgd-2 seed 0: worker "),
        ("loft-4", limit.loft[1].exact // 2, "check of the processor: out of memory"),
    ]:
        failed = pretrain(case(cell, WIDTH)[0], tmp_path, limit.baseline + more)
        *_, line = failed.said.splitlines()
        assert failed.status == 1
        assert line.startswith(f"loft: {who}")
        assert ": out of memory" in line
