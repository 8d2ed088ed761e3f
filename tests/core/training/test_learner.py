"""Learning rates, BatchNorm statistics and the learner's small contracts."""

import copy
import shutil
from typing import Any

import pytest
import torch
from torch import nn

from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.training.learner import Learner, cosine, recalibrate_batch_norm, resolve_precision
from loft.models.build import build

SGD = SgdSettings(learning_rate=0.1, momentum=0.9, nesterov=True, weight_decay=0, batch_size=2)
COMPUTE = ComputeSettings(threads=1, precision="float32", channels_last=True, compiled=False)


def test_the_cosine_starts_whole_is_half_in_the_middle_and_ends_at_nothing() -> None:
    assert cosine(0, 100, 0.1) == pytest.approx(0.1)
    assert cosine(50, 100, 0.1) == pytest.approx(0.05)
    assert cosine(100, 100, 0.1) == pytest.approx(0)


def test_recalibration_averages_the_statistics_of_its_parts() -> None:
    model = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 1, 1))
    parts = [torch.tensor([1.0, 3.0]).view(2, 1, 1, 1), torch.tensor([5.0, 9.0]).view(2, 1, 1, 1)]
    norm = model[0]
    assert isinstance(norm, nn.BatchNorm2d)
    norm.running_mean = torch.tensor([100.0])
    recalibrate_batch_norm(model, iter(parts), "float32", "cpu")
    assert norm.running_mean.item() == pytest.approx((2 + 7) / 2)
    assert norm.running_var is not None
    assert norm.running_var.item() == pytest.approx((2 + 8) / 2)  # unbiased, as BatchNorm keeps it
    assert norm.momentum == 0.1
    assert not model.training


@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)])
def test_a_step_is_torchs_own(momentum: float, nesterov: bool) -> None:
    about: dict[str, Any] = {"momentum": momentum, "nesterov": nesterov, "weight_decay": 0.01}
    settings = SgdSettings.model_validate({"learning_rate": 0.1, "batch_size": 4, **about})
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Flatten(), nn.Linear(12, 3))
    learner = Learner(copy.deepcopy(model), settings, COMPUTE, "cpu")
    expected = model.to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(expected.parameters(), lr=0.1, fused=True, **about)
    for step in range(3):
        images, labels = torch.randn(4, 1, 4, 4), torch.tensor([0, 2, 1, 1])
        optimiser.param_groups[0]["lr"] = rate = 0.1 / (1 + step)
        optimiser.zero_grad()
        torch.autograd.backward(nn.functional.cross_entropy(expected(images), labels))
        optimiser.step()
        learner.step(images, labels, rate)
    for one, other in zip(learner.model.parameters(), expected.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_penalty_on_scales_is_an_l1_term_of_the_loss() -> None:
    """As autograd has it; negative scales grow, positive ones shrink, others are left alone."""
    given = {"learning_rate": 0.1, "momentum": 0.0, "nesterov": False, "weight_decay": 0.0}
    settings = SgdSettings.model_validate({**given, "scale_penalty": 0.3, "batch_size": 4})
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(2)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([0.5, -0.5]))
    model = nn.Sequential(nn.Conv2d(1, 2, 3), norm, nn.Flatten(), nn.Linear(8, 3))
    learner = Learner(copy.deepcopy(model), settings, COMPUTE, "cpu")
    expected = model.to(memory_format=torch.channels_last)
    images, labels = torch.randn(4, 1, 4, 4), torch.tensor([0, 2, 1, 1])
    loss = nn.functional.cross_entropy(expected(images), labels)
    torch.autograd.backward(loss + 0.3 * norm.weight.abs().sum())
    learner.step(images, labels, 0.1)
    for one, other in zip(learner.model.parameters(), expected.parameters(), strict=True):
        assert other.grad is not None
        torch.testing.assert_close(one, other - 0.1 * other.grad)


def test_momentum_can_be_taken_out_and_put_back() -> None:
    def learner() -> Learner:
        torch.manual_seed(0)
        return Learner(nn.Sequential(nn.Flatten(), nn.Linear(4, 3)), SGD, COMPUTE, "cpu")

    images, labels = torch.randn(2, 1, 2, 2), torch.tensor([0, 2])
    straight, stopped = learner(), learner()
    for _ in range(3):
        straight.step(images, labels, 0.1)
    stopped.step(images, labels, 0.1)
    buffers = {name: tensor.clone() for name, tensor in stopped.momentum().items()}
    stopped.reset_momentum()
    assert all(not tensor.any() for tensor in stopped.momentum().values())
    stopped.load_momentum(buffers)
    for _ in range(2):
        stopped.step(images, labels, 0.1)
    for one, other in zip(straight.model.parameters(), stopped.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_auto_precision_is_what_the_hardware_computes_in() -> None:
    native = torch.cpu._is_avx512_bf16_supported()
    assert resolve_precision("auto", "cpu") == ("bfloat16" if native else "float32")
    assert resolve_precision("auto", "cuda:0") == "bfloat16"
    assert resolve_precision("float32", "cuda:0") == "float32"


def trained(**compute: bool) -> list[torch.Tensor]:
    """Parameters after steps in float64, where rounding moves no activation over a ReLU's kink."""
    random = torch.Generator().manual_seed(0)
    images = torch.randn(8, 1, 8, 8, dtype=torch.float64, generator=random)
    labels = torch.arange(8)
    network = build("preresnet18", 4, channels=1, size=8, classes=10, seed=0).double()
    learner = Learner(network, SGD, COMPUTE.model_copy(update=compute), "cpu")
    for _ in range(5):
        learner.step(images, labels, 0.1)
    return [parameter.detach() for parameter in learner.model.parameters()]


def test_channels_last_changes_speed_not_meaning() -> None:
    for one, other in zip(trained(), trained(channels_last=False), strict=True):
        assert torch.allclose(one, other, atol=1e-9)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a compiler here")
def test_compiling_changes_speed_not_meaning() -> None:
    for one, other in zip(trained(), trained(compiled=True), strict=True):
        assert torch.allclose(one, other, atol=1e-9)
