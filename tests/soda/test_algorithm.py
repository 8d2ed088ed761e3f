"""Test Algorithm 1 by identities and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loft.core.seeding import stream
from loft.soda.algorithm import (
    MaskSampler,
    Master,
    Message,
    Worker,
    message_bytes,
    pack,
    prox,
    unpack,
)
from loft.soda.logistic import Indices, Logistic, Support, Vector
from tests.soda.problems import problem, team


def test_the_proximal_step_shrinks_towards_zero() -> None:
    assert prox(np.array([3.0, -3.0, 0.5, -0.5, 1.0]), 1.0).tolist() == [2, -2, 0, 0, 0]


class Middle(MaskSampler):
    """A mask that is always entry 1 of three."""

    def draw(self, support: Support) -> Indices:
        return np.array([1])


def test_one_masked_step_by_hand() -> None:
    """One sample a = (1, 2, 4), w = 0: the gradient is -a/2; only entry 1 is in the mask."""
    loss = Logistic(np.array([[1.0, 2.0, 4.0]]), lambda_2=0.5)
    start = np.array([0.0, 3.0, 7.0])
    worker = Worker(loss, 0.25, Middle(0.5, 3, stream("test", 0)), start)
    message = worker.update(np.zeros(3), np.zeros(3, dtype=bool))
    assert (message.entries, message.values.tolist()) == (1, [0.25 * 1 - 3])
    assert worker.output.tolist() == [0, 0.25, 7]
    master = Master(start, np.array([1.0]), threshold=1.0)
    assert master.w.tolist() == [0, 2, 6]
    master.receive(0, message)
    assert master.average.tolist() == [0, 0.25, 7]
    assert master.w.tolist() == [0, 0, 6]
    assert master.support.tolist() == [False, False, True]


def test_without_masks_it_is_dave_pg() -> None:
    """The average of the workers' last gradient steps, each from the w that it last received."""
    of = problem()
    group = team(of, 3, p=1.0)
    workers = [group.worker(number, np.zeros(group.features)) for number in range(3)]
    master = group.master(np.zeros(group.features))
    received = [master.w.copy() for _ in workers]
    outputs = [np.zeros(group.features) for _ in workers]
    pending = [worker.update(master.w, master.support) for worker in workers]
    for i in stream("test", 1).integers(3, size=60):
        outputs[i] = received[i] - group.step * group.losses[i].gradient(received[i])
        weighted = [loss.samples * out for loss, out in zip(group.losses, outputs, strict=True)]
        average = np.sum(weighted, axis=0) / of.loss.samples
        master.receive(i, pending[i])
        expected = prox(average, group.step * of.lambda_1)
        assert np.allclose(master.w, expected, rtol=0, atol=1e-13)
        received[i] = master.w.copy()
        pending[i] = workers[i].update(master.w, master.support)
    assert master.support.any()


def test_one_worker_without_masks_is_proximal_gradient_descent() -> None:
    of = problem()
    group = team(of, 1, p=1.0)
    start = np.zeros(group.features)
    worker, master, w = group.worker(0, start), group.master(start), start
    for _ in range(20):
        master.receive(0, worker.update(master.w, master.support))
        w = prox(w - group.step * of.loss.gradient(w), group.step * of.lambda_1)
        assert np.allclose(master.w, w, rtol=0, atol=1e-13)


@given(st.integers(1, 300), st.floats(1e-4, 1, exclude_max=True), st.integers(0, 2**32 - 1))
def test_a_mask_has_no_entry_twice_and_holds_the_support(n: int, p: float, seed: int) -> None:
    support = np.random.default_rng(seed).random(n) < 0.2
    mask = MaskSampler(p, n, stream("test", seed)).draw(support)
    assert mask is not None
    assert len({*mask}) == len(mask)
    assert {*np.flatnonzero(support)} <= {*mask} <= {*range(n)}


@pytest.mark.parametrize("p", [0.003, 0.1, 0.9])
def test_every_other_entry_is_drawn_with_probability_p(p: float) -> None:
    n, draws = 200, 4000
    support = np.arange(n) < 20
    mask, counts = MaskSampler(p, n, stream("test", 2)), np.zeros(n)
    for _ in range(draws):
        chosen = mask.draw(support)
        assert chosen is not None
        counts[chosen] += 1
    assert (counts[:20] == draws).all()
    assert np.abs(counts[20:] - draws * p).max() < 5 * np.sqrt(draws * p * (1 - p))
    total = (n - 20) * draws
    assert abs(counts[20:].sum() - total * p) < 5 * np.sqrt(total * p * (1 - p))


def test_with_probability_one_the_mask_is_everything() -> None:
    assert MaskSampler(1.0, 5, stream("test", 3)).draw(np.zeros(5, dtype=bool)) is None


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_a_message_is_the_shorter_of_two_and_comes_back(n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vector: Vector = random.standard_normal(n) * (random.random(n) < random.random())
    where = np.flatnonzero(vector)
    message = pack(where, vector[where], n)
    assert unpack(message, n).tolist() == vector.tolist()
    assert message.entries == len(where)
    assert message.bytes == message_bytes(len(where), n) == 12 + min(12 * len(where), 8 * n)


def test_a_whole_message_changes_what_its_entries_would() -> None:
    start = np.array([1.0, -2.0, 3.0])
    masters = [Master(start, np.array([0.5]), 0.25) for _ in range(2)]
    masters[0].receive(0, Message(2, np.array([0, 2]), np.array([1.0, -6.0])))
    masters[1].receive(0, Message(2, None, np.array([1.0, 0.0, -6.0])))
    assert masters[0].w.tolist() == masters[1].w.tolist() == [1.25, -1.75, 0]
    assert masters[0].support.tolist() == masters[1].support.tolist() == [True, True, False]
