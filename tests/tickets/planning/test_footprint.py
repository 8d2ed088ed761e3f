"""Memory and files follow from the sizes of networks."""

import pytest

from loft.core.data.dimensions import Dimensions, dimensions
from loft.tickets.planning import costs, footprint
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.run import Run
from tests.conftest import method_job


@pytest.fixture(scope="module")
def data(run: Run) -> Dimensions:
    return dimensions(run.data)


def test_memory_of_dense_training(run: Run, data: Dimensions) -> None:
    """Padded by 1, each of 160 images has 10 x 10 bytes and a label of 8."""
    job = run.pretrain_job("preresnet18", "dense", 0)
    (found,) = footprint.pretraining_memories(job, data, "float32")
    parameters = costs.whole(run.models[0], data).parameters
    assert (found.parameters, found.gradients, found.momentum) == (4 * parameters,) * 3
    assert found.images == 160 * (10 * 10 + 8)
    assert found.device == found.exact + found.activations
    assert found.host == 0


def test_a_loft_worker_holds_less_and_rank_0_the_whole_in_host_memory(
    run: Run, data: Dimensions
) -> None:
    dense, loft = (
        footprint.pretraining_memory(run.pretrain_job("preresnet18", cell, 0), data, "float32")
        for cell in ("dense", "loft-2")
    )
    assert loft.parameters < dense.parameters
    assert loft.host == costs.whole(run.models[0], data).state_bytes


def test_memory_counts_what_a_method_keeps(run: Run, data: Dimensions) -> None:
    """DiLoCo's workers keep two copies of the weights on their device."""
    local, outer = (
        footprint.pretraining_memory(method_job(run, method, 2), data, "float32")
        for method in ("local_sgd", "diloco")
    )
    assert (local.kept, outer.kept) == (0, 2 * outer.parameters)
    assert outer.device - local.device == outer.exact - local.exact == outer.kept


def test_the_largest_ticket_is_the_one_of_the_smallest_ratio(run: Run, data: Dimensions) -> None:
    job, model = run.finetune_job("loft-2", 0), run.models[0]
    found = footprint.finetuning_memory(job, model, data, "float32")
    assert found.parameters == 4 * costs.ticket(model, data, 0.5, 1).parameters


def test_files(run: Run, data: Dimensions) -> None:
    whole = costs.whole(run.models[0], data)
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    snapshots = 3 * whole.state_bytes
    assert footprint.pretraining_files(job, data) == snapshots + whole.norms_bytes(2)
    measured = run.pretrain_job("preresnet18", "gpipe-4", 0)
    assert footprint.pretraining_files(measured, data) == 0
    column = run.pretrain_job("preresnet18", UNPRUNED, 0)
    expected = whole.state_bytes + whole.norms_bytes(3) + whole.pairs_bytes(3)
    assert footprint.pretraining_files(column, data) == expected
    assert footprint.data_files("images", data) == 260 * (8 * 8 + 8)
    assert footprint.data_files("folders", data) == 260 * 8
