"""The filter distance: by hand on three filters, and against its definition on any rankings."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from loft.tickets.network.ranking import (
    expected_distance,
    filter_distance,
    filter_distances,
    ranking,
)


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


@given(st.permutations(range(9)))
def test_no_distance_from_itself(order: list[int]) -> None:
    assert filter_distance(np.array(order), np.array(order)) == 0


def test_lists_of_different_lengths_have_no_distance() -> None:
    with pytest.raises(ValueError, match="2 and 3"):
        filter_distance(np.arange(2), np.arange(3))


def brute_force(first: list[int], second: list[int]) -> float:
    """The distance as its definition has it, element by element."""
    total = 0.0
    for i, element in enumerate(first, start=1):
        sigma = second.index(element) + 1
        total += abs(math.log(i) - math.log(sigma)) / i
    return total


def permutations(length: int, count: int) -> st.SearchStrategy[list[list[int]]]:
    return st.lists(st.permutations(range(length)), min_size=count, max_size=count)


@given(st.integers(1, 12).flatmap(lambda length: permutations(length, 2)))
def test_against_the_definition(rankings: list[list[int]]) -> None:
    first, second = rankings
    found = filter_distance(np.array(first), np.array(second))
    assert found == pytest.approx(brute_force(first, second))


@given(st.integers(1, 12).flatmap(lambda length: permutations(length, 4)))
def test_all_pairs_are_from_the_row_to_the_column(rankings: list[list[int]]) -> None:
    found = filter_distances(np.array(rankings))
    expected = [[brute_force(first, second) for second in rankings] for first in rankings]
    assert found == pytest.approx(np.array(expected))
    assert np.diagonal(found).tolist() == [0] * 4


def test_chance_by_hand() -> None:
    """Two filters, in order or swapped with equal chance: (0 + 3/2 ln 2) / 2; one: nothing."""
    assert expected_distance(2) == pytest.approx(0.75 * math.log(2))
    assert expected_distance(1) == 0


def test_chance_is_the_mean_over_all_rankings() -> None:
    ranked = [list(order) for order in itertools.permutations(range(5))]
    mean = sum(brute_force([0, 1, 2, 3, 4], order) for order in ranked) / len(ranked)
    assert expected_distance(5) == pytest.approx(mean)


def test_a_ranking_is_largest_first_and_of_every_row() -> None:
    norms = torch.tensor([[0.0, 5.0, 0.4], [2.0, 1.0, 2.0]])
    assert ranking(norms).tolist() == [[1, 2, 0], [0, 2, 1]]  # equal norms in order of index
    assert ranking(norms[0]).tolist() == [1, 2, 0]
