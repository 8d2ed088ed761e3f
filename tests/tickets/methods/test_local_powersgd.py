"""PowerSGD's factors, their errors and their bytes."""

import pytest
import torch
from torch import Tensor

from loft.core.data.resident_images import Images
from loft.core.processes.turn_taking import join_workers, take_turns
from loft.tickets.methods.interface import RunFacts
from loft.tickets.methods.local_powersgd import LocalPowerSgd, compress, first_factors
from loft.tickets.run.run import Run
from tests.conftest import method_job
from tests.tickets.methods.harness import rounds, same

SHAPES = [(6, 9), (8, 5)]
DEVICE = torch.device("cpu")


def matrices(seed: int) -> list[Tensor]:
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(*shape, generator=random) for shape in SHAPES]


def alone(tensor: Tensor) -> Tensor:
    """The mean over one worker."""
    return tensor


def test_it_is_exact_at_full_rank() -> None:
    given = matrices(0)
    for shape, matrix in zip(SHAPES, given, strict=True):
        lost = matrix.clone()
        (found,) = compress([lost], first_factors([shape], min(shape), 0, DEVICE), alone)
        torch.testing.assert_close(found, matrix, rtol=1e-4, atol=1e-5)
        assert lost.abs().max() < 1e-5


def test_a_matrix_of_its_rank_is_exact() -> None:
    column, row = torch.arange(1.0, 7.0)[:, None], torch.linspace(-1, 2, 9)[None]
    lost = column @ row
    (found,) = compress([lost], first_factors([(6, 9)], 1, 0, DEVICE), alone)
    torch.testing.assert_close(found, column @ row)


def test_rounds_approach_the_best_matrix_of_the_rank() -> None:
    """The truncated singular value decomposition, as the factors start from the last round's."""
    (given, *_), factors = matrices(1), first_factors(SHAPES[:1], 2, 0, DEVICE)
    u, s, v = torch.linalg.svd(given)
    best = u[:, :2] @ torch.diag(s[:2]) @ v[:2]
    distances = []
    for _ in range(60):
        (found,) = compress([given.clone()], factors, alone)
        distances.append(float((found - best).norm()))
    assert distances[0] > 0.1
    assert distances[-1] < 1e-3


def test_what_is_lost_comes_later() -> None:
    """What was sent and what is left to send are together all changes."""
    error, factors = [torch.zeros(shape) for shape in SHAPES], first_factors(SHAPES, 1, 0, DEVICE)
    sent, changed = ([torch.zeros(shape) for shape in SHAPES] for _ in range(2))
    for number in range(5):
        for index, change in enumerate(matrices(number)):
            error[index] += change
            changed[index] += change
        for index, found in enumerate(compress(error, factors, alone)):
            sent[index] += found
    for came, left, wanted in zip(sent, error, changed, strict=True):
        assert left.norm() > 0.1
        torch.testing.assert_close(came + left, wanted, rtol=1e-4, atol=1e-4)


def test_two_workers_share_their_mean() -> None:
    """At full rank it is the mean; at a lower one they agree, and lose as much as it lacks."""
    found: dict[tuple[int, int], tuple[list[Tensor], list[Tensor]]] = {}

    def work() -> None:
        workers = join_workers()
        for rank in (1, 5):
            own = matrices(workers.rank)
            factors = first_factors(SHAPES, rank, 0, DEVICE)
            found[rank, workers.rank] = compress(own, factors, workers.average), own

    take_turns(work, (), 2)
    average = [(first + second) / 2 for first, second in zip(matrices(0), matrices(1), strict=True)]
    for rank in (1, 5):
        (low, lost), (other, others) = found[rank, 0], found[rank, 1]
        for index, wanted in enumerate(average):
            assert torch.equal(low[index], other[index])
            whole = low[index] + (lost[index] + others[index]) / 2
            torch.testing.assert_close(whole, wanted, rtol=1e-4, atol=1e-5)
    exact = found[5, 0][0][1]  # of 8 rows and 5 columns
    torch.testing.assert_close(exact, average[1], rtol=1e-4, atol=1e-5)


def test_bytes_by_hand() -> None:
    """8 x 18 numbers become 2 (8 + 18); 2 x 3 would not become fewer."""
    network = torch.nn.Sequential(torch.nn.Conv2d(2, 8, 3), torch.nn.Linear(3, 2))
    own = LocalPowerSgd(rank=2)
    assert own.compressed(network) == ["0.weight"]
    assert own.compressed_bytes(network, workers=3) == 2 * 2 * 4 * 52
    assert own.kept_bytes(network) == 4 * (2 * 8 * 18 + 2 * 18)


def test_workers_agree_and_the_change_has_the_rank(run: Run, images: Images) -> None:
    (first, second) = rounds(method_job(run, "local_powersgd", 2, rank=1), images, 2)
    for one, other in zip(first, second, strict=True):
        assert same(one.after, other.after)
        change = (one.after["layer4.1.conv1.weight"] - one.start["layer4.1.conv1.weight"]).flatten(
            1
        )
        assert torch.linalg.svdvals(change)[1] < 1e-5 < torch.linalg.svdvals(change)[0]


@pytest.mark.parametrize(("rank", "faults"), [(7, 0), (8, 1)])
def test_a_rank_that_compresses_nothing_is_refused(rank: int, faults: int) -> None:
    facts = RunFacts(batch_size=32, epochs=2, least_ratio=0.8, narrowest=8, single_value="")
    assert len([*LocalPowerSgd(rank=rank).conflicts(facts)]) == faults
