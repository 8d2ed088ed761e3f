"""Tickets are used only if they are what they should be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from loft.core.errors import UserError
from loft.tickets.pruning.tickets import read_ticket
from loft.tickets.results import paths
from tests.tickets.stored import MODEL, NAME, About, Weights, change, put, set_to, store


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("pretraining"))


def kept(*indices: Any) -> Callable[[About], None]:
    return lambda facts: facts["kept"].update({"layer1.1": [*indices]})


def left(**counts: Any) -> Callable[[About], None]:
    def put(facts: About) -> None:
        facts["filters"].update({key.replace("_", "."): count for key, count in counts.items()})

    return put


ABOUT = [  # what is changed in a ticket's JSON, and what is said of it
    (lambda facts: facts.pop("kept"), "kept: missing"),
    (set_to("keep", {}), "keep: unknown key, did you mean 'kept'?"),
    (set_to("model", {**MODEL, "name": "preresnet81"}), "found 'preresnet81'; expected one of"),
    (set_to("model", {**MODEL, "name": "preresnet81"}), "did you mean 'preresnet18'?"),
    (set_to("model", {**MODEL, "name": "resnet18"}), "missing"),
    (set_to("model", {**MODEL, "depth": 18}), "model.depth: unknown key"),
    (set_to("model", {**MODEL, "width": 8}), "filters: found {'layer1.1': 2"),
    (set_to("model", "preresnet18"), "model: found 'preresnet18'"),
    (set_to("channels", 3), "stem.conv.weight: found float32 [4, 1, 3, 3]; expected float32 [4, 3"),
    (
        set_to("classes", 100),
        "head.linear.weight: found float32 [10, 32]; expected float32 [100, 3",
    ),
    (set_to("classes", "10"), "classes: found '10'"),
    (set_to("epoch", 1), "epoch: found 1; expected 2"),
    (set_to("ratio", 0.8), "ratio: found 0.8; expected 0.5"),
    (set_to("multiple", 8), "multiple: found 8; expected 1"),
    (set_to("ratio", 1), "ratio: found 1; input should be less than 1"),
    (set_to("seed", -1), "seed: found -1"),
    (set_to("filters", {}), "filters: found {}; expected {'layer1.1': 2"),
    (left(layer1_1=3), "filters: found {'layer1.1': 3"),
    (left(layer1_0=2), "filters: found {'layer1.0': 2"),
    (left(layer1_1=2.0), "found 2.0"),
    (
        lambda facts: facts["kept"].pop("layer1.1"),
        "kept: found ['layer2.1', 'layer3.1', 'layer4.1'",
    ),
    (kept(2, 0), "kept.layer1.1: found [2, 0]; expected ascending indices, each once, from 0 to 3"),
    (kept(0, 0), "kept.layer1.1: found [0, 0]; expected ascending indices, each once"),
    (kept(0, 4), "kept.layer1.1: found [0, 4]; expected ascending indices, each once, from 0 to 3"),
    (kept(-1, 2), "kept.layer1.1: found [-1, 2]; expected ascending"),
    (kept(0, 1, 2), "kept.layer1.1: found 3 indices; expected 2 indices"),
    (kept(), "kept.layer1.1: found 0 indices; expected 2 indices"),
    (kept(0, 1.5), "found 1.5"),
    (kept(0, True), "found True"),
    (kept(0, "2"), "found '2'"),
]


@pytest.mark.parametrize(("about", "expected"), ABOUT, ids=[text for _, text in ABOUT])
def test_what_a_ticket_says_is_checked(
    made: Path, tmp_path: Path, about: Callable[[About], None], expected: str
) -> None:
    path = change(paths.ticket(made, 2, 0.5), paths.ticket(tmp_path, 2, 0.5), about)
    with pytest.raises(UserError) as error:
        read_ticket(tmp_path, NAME)
    text = str(error.value)
    assert text.startswith((f"{path.with_suffix('.json')}: ", f"{path}: "))
    assert expected in text
    assert "\n" not in text


CONV = "layer1.1.conv1.weight"


TENSORS = [  # what is changed in a ticket's weights, and what is said of it
    (put(CONV, lambda t: t[:1]), f"{CONV}: found float32 [1, 4, 3, 3]; expected float32 [2, 4, 3"),
    (put(CONV, Tensor.double), f"{CONV}: found float64 [2, 4, 3, 3]; expected float32"),
    (put(CONV, Tensor.int), f"{CONV}: found int32"),
    (put(CONV, lambda t: t * torch.nan), f"{CONV}: found infinite values or none"),
    (put("head.linear.bias", lambda t: t + torch.inf), "head.linear.bias: found infinite values"),
    (put("stem.conv.weight", torch.flatten), "stem.conv.weight: found float32 [36]"),
    (lambda weights: weights.pop(CONV), f"{CONV}: missing"),
    (lambda weights: weights.update(surprise=torch.ones(1)), "surprise: does not belong there"),
]  # fmt: skip


@pytest.mark.parametrize(("weights", "expected"), TENSORS, ids=[text for _, text in TENSORS])
def test_a_tickets_weights_are_checked(
    made: Path, tmp_path: Path, weights: Callable[[Weights], None], expected: str
) -> None:
    path = paths.ticket(made, 2, 0.5)
    change(path, paths.ticket(tmp_path, 2, 0.5), lambda _: None, weights)
    with pytest.raises(UserError) as error:
        read_ticket(tmp_path, NAME)
    assert f"ticket.safetensors: {expected}" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["[1]", "null", '"ticket"', "[" * 100_000, "{}", '{"a": NaN}'])
def test_json_that_is_no_tickets(made: Path, tmp_path: Path, text: str) -> None:
    path = paths.ticket(tmp_path, 2, 0.5)
    change(paths.ticket(made, 2, 0.5), path, lambda _: None)
    path.with_suffix(".json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        read_ticket(tmp_path, NAME)
    assert str(error.value).startswith(f"{path.with_suffix('.json')}: ")
