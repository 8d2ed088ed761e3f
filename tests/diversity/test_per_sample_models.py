"""Test the models, and that their per-sample gradients sum to the gradient."""

import pytest
import torch
from torch import nn

from loft.core.training.sample_gradients import PerSample
from loft.diversity.gradient_diversity import exact_diversity
from loft.diversity.per_sample_models import build_model, convnet, entropy

ABOUT = {"channels": 1, "size": 6, "classes": 3, "seed": 0, "memory": 2**24}


@pytest.mark.parametrize(
    ("name", "own"), [("convnet", {"width": 4}), ("preresnet18", {"width": 2}), ("logistic", {})]
)
def test_every_model_has_per_sample_gradients(name: str, own: dict[str, int]) -> None:
    """Their sum is the gradient of the summed loss, in training mode."""
    samples = build_model(
        name, **{**ABOUT, "size": 16}, **own
    )  # few pixels make GroupNorm unsteady
    random = torch.Generator().manual_seed(0)
    images, labels = torch.randn(5, 1, 16, 16, generator=random), torch.tensor([0, 1, 1, 0, 1])
    inputs = images.flatten(1) if name == "logistic" else images
    found = torch.cat([*samples.chunks(inputs, labels)])
    loss = samples.loss(samples.model(inputs), labels)
    whole = torch.autograd.grad(loss, [*samples.model.parameters()])
    together = torch.cat([part.flatten() for part in whole])
    assert torch.allclose(found.sum(0), together, atol=1e-4 * float(together.abs().max()))


def test_logistic_gradients_in_closed_form() -> None:
    samples = build_model("logistic", **ABOUT, pair=[3, 8])
    with torch.no_grad():
        samples.model.get_parameter("weight").normal_()
    inputs, targets = torch.randn(9, 36), torch.randint(2, (9,))
    general = PerSample(samples.model, samples.loss).chunks(inputs, targets)
    assert torch.allclose(
        torch.cat([*samples.chunks(inputs, targets)]), torch.cat([*general]), atol=1e-6
    )


def test_the_convnet_is_the_quick_one() -> None:
    model = convnet(3, 32, 10, 32)
    assert sum(p.numel() for p in model.parameters()) == 145_578
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_residual_networks_get_group_norm() -> None:
    model = build_model("preresnet18", **{**ABOUT, "size": 8}, width=4).model
    assert not any(isinstance(part, nn.BatchNorm2d) for part in model.modules())
    assert sum(isinstance(part, nn.GroupNorm) for part in model.modules()) == 16


def test_first_weights_come_from_the_seed() -> None:
    one, same, other = (build_model("convnet", **{**ABOUT, "seed": s}, width=2) for s in (0, 0, 1))
    weight = [found.weights["0.weight"] for found in (one, same, other)]
    assert torch.equal(weight[0], weight[1])
    assert not torch.equal(weight[0], weight[2])


def test_more_replication_is_less_diverse() -> None:
    samples = build_model("convnet", **{**ABOUT, "size": 8}, width=2)
    images, labels = torch.randn(8, 1, 8, 8), torch.randint(3, (8,))
    one = exact_diversity(samples.chunks(images, labels)).diversity
    twice = exact_diversity(samples.chunks(images.repeat(2, 1, 1, 1), labels.repeat(2))).diversity
    assert twice == pytest.approx(one / 2, rel=1e-4)
    assert samples.loss is entropy
