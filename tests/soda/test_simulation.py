"""Test the simulation: duration of an event, convergence, restarts, errors."""

import tracemalloc

import numpy as np
import pytest

from loft.core.errors import UserError
from loft.core.seeding import stream
from loft.soda.convergence import Monitor, Problem
from loft.soda.generated import sparse
from loft.soda.logistic import Logistic
from loft.soda.normalisation import signed
from loft.soda.optimum import Optimum
from loft.soda.settings import NetworkSettings, SparseData
from loft.soda.simulation import Clock, Replay, Team, checked_step, deal, run, run_with_restarts
from loft.soda.theory import alpha, largest_step
from tests.soda.problems import monitor, problem, team

NETWORK = NetworkSettings(latency=1e-4, bandwidth=1e8, compute=1e-9, spread=4.0)
KINDS = pytest.mark.parametrize("kind", ["dense", "sparse"])
PROBABILITIES = pytest.mark.parametrize("p", [1.0, 0.3, 0.05])


def simulate(of: Problem, p: float, repetition: int = 0) -> Monitor:
    group, measured = team(of, 5, p, repetition), monitor(of, 5)
    clock = Clock(NETWORK, group.losses, stream("speeds", 0, repetition))
    run(group, clock, measured, np.zeros(group.features))
    return measured


def test_an_event_takes_compute_latency_and_transfer() -> None:
    """Latency of two messages, 8000 bytes at 1e6 a second, two products of 6 or 3 numbers."""
    network = NetworkSettings(latency=0.5, bandwidth=1e6, compute=0.25, spread=1.0)
    losses = [Logistic(np.ones((2, 3)), 0.1), Logistic(np.ones((1, 3)), 0.1)]
    clock = Clock(network, losses, stream("test", 0))
    clock.start(0, 8000)
    clock.start(1, 8000)
    heard = [(clock.next(), clock.now)]
    clock.start(1, 0)
    heard += [(clock.next(), clock.now), (clock.next(), clock.now)]
    assert [worker for worker, _ in heard] == [1, 0, 1]
    assert [now for _, now in heard] == pytest.approx([2.508, 4.008, 2.508 + 2.5])


@KINDS
@PROBABILITIES
def test_it_reaches_the_optimum_and_its_support(kind: str, p: float) -> None:
    of = problem(kind)
    end = simulate(of, p).summary()
    assert end["outcome"] == "converged"
    assert end["suboptimality"] <= 1e-12
    assert end["support"] == of.optimum.support
    assert end["identified_epoch"] <= end["epoch"]


def test_masks_send_less() -> None:
    ends = [simulate(problem(), p).summary() for p in (1.0, 0.3, 0.1)]
    for name in ("entries_up", "bytes_up"):
        each = [end[name] / end["moment"] for end in ends]
        assert each == sorted(each, reverse=True)
    whole = ends[0]
    assert whole["entries_up"] == 30 * whole["moment"]
    assert whole["bytes_up"] == (12 + 8 * 30) * whole["moment"]


def test_the_same_seed_gives_the_same_run_and_another_repetition_another() -> None:
    first, again, other = (simulate(problem(), 0.3, repetition=r) for r in (0, 0, 1))
    assert first.points == again.points
    assert first.points != other.points


@KINDS
@PROBABILITIES
def test_after_identification_it_contracts_as_theorem_1_says(kind: str, p: float) -> None:
    of = problem(kind)
    measured = simulate(of, p).summary()["contraction"]
    group = team(of, 5, p)
    assert 0 < measured <= 1 - alpha(group.step, group.losses)


def test_a_rising_objective_starts_anew_from_the_best() -> None:
    """With a step that is far too large the objective rises again and again to the last epoch."""
    of = problem()
    group = team(of, 5, 0.5)
    wild = Team(group.losses, 4 * group.step, of.lambda_1, 0.5, 0)
    measured = monitor(of, 5, epochs=200, patience=3)
    clock = Clock(NETWORK, wild.losses, stream("speeds", 0))
    assert run_with_restarts(wild, clock, measured, np.zeros(wild.features)) > 0
    assert measured.outcome == "epochs"
    assert measured.points[-1].moment == 1000


def test_a_falling_objective_never_starts_anew() -> None:
    of = problem()
    group, measured = team(of, 5, 0.3), monitor(of, 5, patience=5)
    clock = Clock(NETWORK, group.losses, stream("speeds", 0))
    assert run_with_restarts(group, clock, measured, np.zeros(group.features)) == 0
    assert measured.outcome == "converged"


def test_a_step_beyond_the_theorys_is_refused() -> None:
    group = team(problem(), 5, 0.3)
    largest = largest_step(group.losses)
    assert checked_step(None, group.losses, "here") == largest
    assert checked_step(largest, group.losses, "here") == largest
    with pytest.raises(UserError, match=r"gamma of here: found .*; expected at most 2 / \(mu"):
        checked_step(1.001 * largest, group.losses, "here")


def test_more_workers_than_samples_are_refused() -> None:
    with pytest.raises(UserError, match="found 5; expected at most the samples, 4"):
        deal(np.ones((4, 2)), 0.1, 5, seed=0)


def test_sparse_data_stay_sparse() -> None:
    """At rcv1_train's size the updates of twenty workers allocate about as much as the data."""
    settings = SparseData(name="sparse", samples=20_242, features=47_236, density=0.0016, seed=0)
    samples = sparse(settings)
    rows = signed(samples.values, samples.labels)
    assert rows.nnz == pytest.approx(0.0016 * 20_242 * 47_236, rel=0.1)
    size = rows.data.nbytes + rows.indices.nbytes + rows.indptr.nbytes
    tracemalloc.start()
    losses = deal(rows, 1e-3, 20, seed=0)
    group = Team(losses, largest_step(losses), 1e-4, 0.1, 0)
    nowhere = np.zeros(group.features)
    of = Problem(Logistic(rows, 1e-3), 1e-4, Optimum(nowhere, 1.0, nowhere, 1e-3))
    measured = Monitor(of, 20, 1e-12, 2, 1, None)
    run(group, Replay([*range(20)] * 2), measured, nowhere)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * size
