"""A snapshot is checked and pruned, and controls are cut out of the dense network's."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from loft.core.errors import UserError
from loft.core.files.checkpoint import read_network
from loft.tickets.pruning import prune
from loft.tickets.pruning.job import ControlJob, TicketName
from loft.tickets.pruning.tickets import read_ticket
from loft.tickets.results import paths
from loft.tickets.results.cells import Control
from tests.tickets.stored import KEPT, NAME, PRUNE, About, change, set_to, store


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("pretraining"))


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        (set_to("epoch", 3), "epoch: found 3; expected 2"),
        (set_to("filters", {"layer1.1": 2}), "filters: found {'layer1.1': 2}; expected {}"),
        (set_to("kept", {}), "kept: unknown key"),
        (set_to("test_accuracy", "high"), "test_accuracy: found 'high'"),
        (set_to("model", {"name": "preresnet34", "width": 4}), "layer1.2.before.weight: missing"),
    ],
)
def test_a_snapshot_is_checked_before_it_is_pruned(
    made: Path, tmp_path: Path, about: Callable[[About], None], expected: str
) -> None:
    change(paths.snapshot(made, 2), paths.snapshot(tmp_path, 2), about)
    with pytest.raises(UserError) as error:
        prune.prune(tmp_path, tmp_path / "out", 2, PRUNE, "l2")
    assert expected in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_ticket_is_the_snapshot_without_the_filters_that_go(made: Path) -> None:
    weights, _ = read_network(paths.snapshot(made, 2))
    _, ticket, about = read_ticket(made, NAME)
    assert about["kept"]["layer1.1"] == KEPT
    assert about["filters"]["layer1.1"] == 2
    convolution = weights["layer1.1.conv1.weight"]
    assert torch.equal(ticket["layer1.1.conv1.weight"], convolution[KEPT])
    assert torch.equal(ticket["layer1.1.conv2.weight"], weights["layer1.1.conv2.weight"][:, KEPT])
    assert torch.equal(ticket["layer1.0.conv1.weight"], weights["layer1.0.conv1.weight"])


def test_every_snapshot_is_pruned_at_every_ratio(made: Path, tmp_path: Path) -> None:
    for epoch in (0, 2):
        change(paths.snapshot(made, 2), paths.snapshot(tmp_path, epoch), set_to("epoch", epoch))
    job = PRUNE.model_copy(update={"epochs": [0, 2], "ratios": [0.5, 0.8]})
    prune.run(job, [tmp_path])
    for epoch in (0, 2):
        for ratio, left in ((0.5, 2), (0.8, 1)):
            name = TicketName(snapshot=epoch, ratio=ratio, multiple=1)
            assert read_ticket(tmp_path, name).about["filters"]["layer1.1"] == left


@pytest.mark.parametrize("control", ["random", "scratch"])
def test_a_control_has_the_tickets_shape(made: Path, tmp_path: Path, control: Control) -> None:
    job = ControlJob(control=control, epoch=2, ratios=[0.5], multiple=1)
    prune.control(job, made, tmp_path)
    _, found, about = read_ticket(tmp_path, NAME)
    _, ticket, of_ticket = read_ticket(made, NAME)
    assert about["cell"] == control
    assert about["filters"] == of_ticket["filters"]
    assert about["kept"] != of_ticket["kept"]  # chosen at random, and not by norm
    shapes = {name: tensor.shape for name, tensor in ticket.items()}
    assert {name: tensor.shape for name, tensor in found.items()} == shapes
    trained = read_network(paths.snapshot(made, 2))[0]["layer1.0.conv1.weight"]
    cut_out = torch.equal(found["layer1.0.conv1.weight"], trained)
    assert cut_out == (control == "random")
