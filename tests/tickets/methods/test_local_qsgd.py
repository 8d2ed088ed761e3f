"""QSGD rounds without bias, and sends as many bytes as its code words have."""

from typing import Any

import pytest
import torch
from torch import Tensor

from loft.core.data.resident_images import Images
from loft.tickets.methods.local_qsgd import LocalQsgd, decode, encode
from loft.tickets.run.run import Run
from tests.conftest import method_job
from tests.tickets.methods.harness import mean, rounds, same


def options(**values: Any) -> LocalQsgd:
    return LocalQsgd.model_validate(values)


def numbers(count: int) -> Tensor:
    return torch.randn(count, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("norm", ["max", "l2"])
def test_the_expectation_is_the_change(bits: int, norm: str) -> None:
    """Over evenly spaced random numbers the mean is exact but for their spacing."""
    own, change, count = options(bits=bits, norm=norm, bucket=16), numbers(50), 1000
    total = torch.zeros(50)
    for number in range(count):
        uniform = torch.full((50,), (number + 0.5) / count)
        total += decode(encode(change, uniform, own), 50, own)
    largest = max(float(part.norm()) for part in torch.split(change, 16))
    spacing = largest / own.levels / count
    assert torch.allclose(total / count, change, rtol=0, atol=spacing + 1e-5)


def test_a_message_by_hand() -> None:
    """Words of 2 bits: 1 + level in units of 1. 0.5 rounds up, as 0.4 is below it; 0.25 does not.

    The first of the four words is in the lowest bits: 2, 0, 1, 1.
    """
    own = options(bits=2, bucket=4)
    change = torch.tensor([1.0, -0.5, 0.0, 0.25])
    message = encode(change, torch.full((4,), 0.4), own)
    assert message[:4].view(torch.float32).tolist() == [1.0]
    assert message[4:].tolist() == [2 + 0 * 4 + 1 * 16 + 1 * 64]
    assert decode(message, 4, own).tolist() == [1.0, -1.0, 0.0, 0.0]


@pytest.mark.parametrize(("bits", "length"), [(2, 8 + 2), (4, 8 + 3), (8, 8 + 5)])
def test_lengths_by_hand(bits: int, length: int) -> None:
    """Five entries in buckets of four have two scales of 4 bytes; words fill whole bytes."""
    assert len(encode(numbers(5), torch.zeros(5), options(bits=bits, bucket=4))) == length


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_no_change_is_none_and_the_largest_entry_is_exact(bits: int) -> None:
    own = options(bits=bits, bucket=3)
    nothing = torch.zeros(7)
    assert not decode(encode(nothing, torch.zeros(7), own), 7, own).any()
    change = torch.tensor([0.0, 3.0, 0.0, -5.0, 0.0, 0.0, 0.0])
    sent = decode(encode(change, torch.full((7,), 0.999), own), 7, own)
    torch.testing.assert_close(sent, change)


def test_bytes_by_hand() -> None:
    """Of 8 x 2 x 3 x 3 + 6 entries in buckets of 100, 4 bits each; biases travel as they are."""
    network = torch.nn.Sequential(torch.nn.Conv2d(2, 8, 3), torch.nn.Linear(3, 2))
    own = options(bits=4, bucket=100)
    assert own.compressed_bytes(network, workers=3) == 3 * 2 * (2 * 4 + 150 // 2)
    assert own.compressed(network) == ["0.weight", "1.weight"]


def test_more_bits_are_closer_to_the_mean(run: Run, images: Images) -> None:
    """Workers agree to the bit, and no entry is further off than a level of its bucket."""
    errors = []
    for bits in (2, 4, 8):
        job = method_job(run, "local_qsgd", 2, bits=bits, local_iterations=1)
        (first,), (second,) = rounds(job, images, 1)
        assert same(first.after, second.after)
        average = mean([first.before, second.before])
        name = "layer4.1.conv1.weight"
        off = (first.after[name] - average[name]).abs().max()
        both = [(own.before[name] - own.start[name]).abs().max() for own in (first, second)]
        assert off <= sum(both) / 2 / (2 ** (bits - 1) - 1) + 1e-6
        errors.append(float(off))
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] / 20


def test_rounding_repeats(run: Run, images: Images) -> None:
    job = method_job(run, "local_qsgd", 2)
    first, second = (rounds(job, images, 2) for _ in range(2))
    assert same(first[0][1].after, second[0][1].after)
