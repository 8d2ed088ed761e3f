"""DiLoCo is Local SGD with torch's optimizer on the workers' mean change."""

from pathlib import Path

import pytest
import torch

from loft.core.data.resident_images import Images
from loft.core.files.checkpoint import read_network
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests.conftest import Pretrain, method_job
from tests.tickets.methods.harness import mean, rounds, same


def snapshot(folder: Path, epoch: int) -> dict[str, torch.Tensor]:
    state, _ = read_network(paths.snapshot(folder, epoch))
    return state


def test_without_an_outer_optimizer_it_is_local_sgd(run: Run, pretrain: Pretrain) -> None:
    """Bit for bit, over several rounds an epoch, between processes."""
    plain = {"outer_learning_rate": 1.0, "outer_momentum": 0.0}
    folder, lines = pretrain(method_job(run, "diloco", 2, **plain))
    local, others = pretrain(method_job(run, "local_sgd", 2))
    for epoch in run.snapshots:
        assert same(snapshot(folder, epoch), snapshot(local, epoch))
    assert lines[-1]["bytes_sent"] == others[-1]["bytes_sent"]


@pytest.mark.parametrize(("rate", "momentum"), [(0.7, 0.9), (0.5, 0.0)])
def test_the_outer_step_is_torchs(run: Run, images: Images, rate: float, momentum: float) -> None:
    """To rounding, for five rounds."""
    given = {"outer_learning_rate": rate, "outer_momentum": momentum}
    found = rounds(method_job(run, "diloco", 2, **given), images, 5)
    start = found[0][0].start
    theta = {name: torch.nn.Parameter(tensor.clone()) for name, tensor in start.items()}
    outer = torch.optim.SGD(theta.values(), rate, momentum, nesterov=momentum > 0)
    for first, second in zip(*found, strict=True):
        assert same(first.after, second.after)
        average = mean([first.before, second.before])
        for name, weight in theta.items():
            weight.grad = weight.detach() - average[name]
        outer.step()
        for name, weight in theta.items():
            torch.testing.assert_close(weight.detach(), first.after[name], rtol=1e-4, atol=1e-5)
