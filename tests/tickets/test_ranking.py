"""The filter distance: by hand on three filters, and against its definition on any rankings."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from loft.tickets.ranking import filter_distance, filter_norms, ranking


def test_three_filters_by_hand() -> None:
    """First and second place swap: 1/1 |ln 1 - ln 2| + 1/2 |ln 2 - ln 1| + 1/3 * 0."""
    distance = filter_distance(np.array([7, 3, 5]), np.array([3, 7, 5]))
    assert distance == pytest.approx(1.5 * math.log(2))


def test_direction_matters() -> None:
    """A cycle: 1st to 3rd, 2nd to 1st, 3rd to 2nd, against its inverse."""
    a, b = np.array([0, 1, 2]), np.array([1, 2, 0])
    there = math.log(3) + math.log(2) / 2 + (math.log(3) - math.log(2)) / 3
    back = math.log(2) + (math.log(3) - math.log(2)) / 2 + math.log(3) / 3
    assert filter_distance(a, b) == pytest.approx(there)
    assert filter_distance(b, a) == pytest.approx(back)
    assert there != pytest.approx(back)


def test_an_element_that_the_other_list_lacks_counts_as_next_to_last() -> None:
    """[0, 1] against [0, 9]: 1 is missing, at 1/2 |ln 2 - ln 3|."""
    distance = filter_distance(np.array([0, 1]), np.array([0, 9]))
    assert distance == pytest.approx(0.5 * math.log(3 / 2))


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(*[st.permutations(range(n))] * 2)))
def test_against_the_definition(rankings: tuple[list[int], list[int]]) -> None:
    first, second = rankings
    expected = 0.0
    for i, element in enumerate(first, start=1):
        sigma = second.index(element) + 1
        expected += abs(math.log(i) - math.log(sigma)) / i
    assert filter_distance(np.array(first), np.array(second)) == pytest.approx(expected)


@given(st.permutations(range(9)))
def test_no_distance_from_itself(order: list[int]) -> None:
    assert filter_distance(np.array(order), np.array(order)) == 0


def test_lists_of_different_lengths_have_no_distance() -> None:
    with pytest.raises(ValueError, match="2 and 3"):
        filter_distance(np.arange(2), np.arange(3))


def test_norms_are_of_whole_filters_and_rank_the_largest_first() -> None:
    weight = torch.zeros(3, 2, 3, 3)
    weight[1, 0, 0, 0], weight[1, 1, 2, 2], weight[2] = 3.0, 4.0, 0.1
    norms = filter_norms({"stem.conv.weight": weight, "head.linear.weight": torch.ones(2, 2)})
    assert list(norms) == ["stem"]
    assert norms["stem"].tolist() == pytest.approx([0.0, 5.0, 0.1 * math.sqrt(18)])
    assert ranking(norms["stem"]).tolist() == [1, 2, 0]
