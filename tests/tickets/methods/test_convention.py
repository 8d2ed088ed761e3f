"""The table of formulas in `convention`, for a network counted by hand."""

from dataclasses import replace

import pytest

from loft.models.settings import ResNetSettings
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PAPER, PROTOCOL, Pretraining
from loft.tickets.methods.interface import find
from loft.tickets.network.blocks import moves_with, partitioned

NETWORK = ledger.network_builder(
    ResNetSettings.model_validate({"name": "preresnet18", "width": 4}), 3, 8, 10
)
WORKERS, ROUNDS = 2, 6
LAST_NORM = 2 * 32  # scales and shifts of a last BatchNorm that this network lacks


def pretraining(method: str, **options: str) -> Pretraining:
    return Pretraining(
        method=find(method).model_validate({"workers": [WORKERS], **options}),
        workers=WORKERS,
        network=NETWORK,
        image=(3, 8, 8),
        batch=32,
        steps=30,
        rounds=ROUNDS,
        epochs=2,
        seed=0,
    )


def parts() -> tuple[int, int, int]:
    """Return W_part, W_sh and O, numbers of parameters."""
    whole = NETWORK(None)
    part = shared = rest = 0
    for name, tensor in whole.named_parameters():
        if moves_with(name, partitioned(whole)):
            part += tensor.numel()
        elif name.endswith((".conv1.weight", ".conv2.weight")):
            shared += tensor.numel()
        else:
            rest += tensor.numel()
    return part, shared, rest


def test_local_sgd() -> None:
    part, shared, rest = parts()
    own = pretraining("local_sgd")
    one = part + shared + rest
    assert own.method.sent(own, PROTOCOL) == 2 * ROUNDS * (WORKERS - 1) * one
    paper = WORKERS * (2 * shared + 2 * part + rest + LAST_NORM)
    assert own.method.sent(own, PAPER) == ROUNDS * paper


def test_loft() -> None:
    """Worker 0 has half of the partitioned filters of every block, as their numbers are even."""
    part, shared, rest = parts()
    own = pretraining("loft", aggregation="star")
    protocol = 2 * ROUNDS * ((WORKERS - 1) * (shared + rest) + part - part // 2)
    assert own.method.sent(own, PROTOCOL) == protocol
    assert own.method.sent(own, PAPER) == ROUNDS * (
        WORKERS * (2 * shared + rest + LAST_NORM) + 2 * part
    )


def test_gpipe_in_the_papers_convention() -> None:
    """Two stages are cut after layer2: 8 channels of 4 x 4."""
    own = pretraining("gpipe")
    assert own.method.sent(own, PAPER) == 30 * (32 + 1) * 8 * 4 * 4


@pytest.mark.parametrize("method", ["local_sgd", "loft"])
def test_without_the_classifier_less_is_sent(method: str) -> None:
    own = pretraining(method)
    fewer = replace(PAPER, classifier=False)
    linear = sum(t.numel() for n, t in NETWORK(None).named_parameters() if "head.linear" in n)
    saved = own.method.sent(own, PAPER) - own.method.sent(own, fewer)
    assert saved == ROUNDS * WORKERS * linear
