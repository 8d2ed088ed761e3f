"""A stream depends on its name and on nothing else."""

import pytest

from loft.core.seeding import stream, torch_seed


def test_equal_names_give_equal_streams_whatever_was_drawn_before() -> None:
    first = stream("order", 3, 1, 0).permutation(50).tolist()
    stream("order", 3, 1, 1).permutation(7)
    assert stream("order", 3, 1, 0).permutation(50).tolist() == first


@pytest.mark.parametrize("name", [("split", 3, 1), ("order", 3, 2), ("order", 4, 1), ("order", 3)])
def test_other_names_give_other_streams(name: tuple[str, *tuple[int, ...]]) -> None:
    first = stream("order", 3, 1).permutation(50).tolist()
    assert stream(*name).permutation(50).tolist() != first


def test_torch_takes_the_seeds() -> None:
    seeds = [torch_seed("weights", number) for number in range(100)]
    assert len({*seeds}) == 100
    assert all(0 <= seed < 2**63 for seed in seeds)
