"""Test that stopping times are counted as equation 3 defines them."""

from hypothesis import given
from hypothesis import strategies as st

from loft.soda.stopping_times import StoppingTimes


def as_written(order: list[int], workers: int) -> list[int]:
    """Return s at every moment by the definition: k - D_i^k >= k_s for all i at k_{s+1}."""
    moments = {i: [0] for i in range(workers)}  # at 0 the master speaks to all
    latest, passed, counts = 0, 0, []
    for k, i in enumerate(order, start=1):
        moments[i].append(k)
        if all(len(spoke) >= 2 and spoke[-2] >= latest for spoke in moments.values()):
            latest, passed = k, passed + 1
        counts.append(passed)
    return counts


@given(st.integers(1, 5).flatmap(lambda m: st.tuples(st.just(m), st.lists(st.integers(0, m - 1)))))
def test_they_are_counted_as_they_are_defined(case: tuple[int, list[int]]) -> None:
    workers, order = case
    times, counts = StoppingTimes(workers), []
    for worker in order:
        times.advance(worker)
        counts.append(times.passed)
    assert counts == as_written(order, workers)


def test_two_workers_in_turn_by_hand() -> None:
    """Each worker needs one message before k_1, and two in every later interval."""
    times, counts = StoppingTimes(2), []
    for worker in [0, 1, 0, 1, 0, 1, 0, 1]:
        times.advance(worker)
        counts.append(times.passed)
    assert counts == [0, 1, 1, 1, 2, 2, 2, 3]
