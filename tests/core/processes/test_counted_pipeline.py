"""A pipeline in one process has the gradient of the whole network, and counts what it sends."""

import copy
from typing import Any

import pytest
import torch
from torch import nn
from torch.distributed import P2POp
from torch.distributed.pipelining import PipelineStage
from torch.nn import functional as F

from loft.core.processes.counted_pipeline import CountedStage, one_after_another


@pytest.mark.parametrize("microbatches", [1, 2, 4])
def test_the_gradient_is_the_plain_one(microbatches: int) -> None:
    torch.manual_seed(0)
    whole = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))
    stages = copy.deepcopy(whole)
    images, labels = torch.randn(8, 5), torch.randint(3, (8,))
    expected = F.cross_entropy(whole(images), labels)
    torch.autograd.backward(expected)
    parts = [stages[:2], stages[2:]]
    loss, logits = one_after_another(parts, images, labels, microbatches, F.cross_entropy)
    torch.testing.assert_close(loss, expected.detach())
    torch.testing.assert_close(logits, whole(images).detach())
    for ours, plain in zip(stages.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, plain.grad)


class Sending:
    def __init__(self, *shape: int) -> None:
        self.tensor = torch.zeros(shape)


class Counter:
    def __init__(self) -> None:
        self.sent = 0

    def count(self, tensor: torch.Tensor) -> None:
        self.sent += tensor.numel() * tensor.element_size()


def test_activations_and_gradients_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def sending(_: PipelineStage, __: int) -> list[P2POp]:
        return [Sending(2, 3)]  # type: ignore[list-item]

    monkeypatch.setattr(PipelineStage, "get_fwd_send_ops", sending)
    monkeypatch.setattr(PipelineStage, "get_bwd_send_ops", sending)
    stage: Any = CountedStage.__new__(CountedStage)
    workers = Counter()
    object.__setattr__(stage, "_workers", workers)
    stage.get_fwd_send_ops(0)
    assert workers.sent == 24
    stage.get_bwd_send_ops(0)
    assert workers.sent == 48
