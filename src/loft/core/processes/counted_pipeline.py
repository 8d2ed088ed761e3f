"""A pipeline over the job's workers, whose boundary tensors are counted, or in one process."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed import P2POp
from torch.distributed.pipelining import PipelineStage

from loft.core.processes.workers import Workers


class CountedStage(PipelineStage):
    """One worker's stage. It counts what it sends: activations forward, gradients back.

    Args:
        workers: the job's, one for each stage in order of rank.
        module: the layers of this stage.
        received: a micro-batch as it enters the stage, for its shape.
        sent: a micro-batch as it leaves the stage, for its shape.
    """

    def __init__(self, workers: Workers, module: nn.Module, received: Tensor, sent: Tensor) -> None:
        # Shapes are given: to infer them torch runs an empty batch, and BatchNorm's means are NaN.
        super().__init__(
            module,
            workers.rank,
            workers.size,
            torch.device(workers.device),
            input_args=(received,),
            output_args=(sent,),
        )
        self._workers = workers

    def _validate_fwd_input(self, args: Any, kwargs: Any) -> None:
        """Take images in any layout: torch 2.11 refuses another than the given example's."""

    def get_fwd_send_ops(self, fwd_chunk_id: int) -> list[P2POp]:
        return self._counted(super().get_fwd_send_ops(fwd_chunk_id))

    def get_bwd_send_ops(self, bwd_chunk_id: int) -> list[P2POp]:
        return self._counted(super().get_bwd_send_ops(bwd_chunk_id))

    def _counted(self, operations: list[P2POp]) -> list[P2POp]:
        for operation in operations:
            self._workers.count(operation.tensor)
        return operations


def one_after_another(
    stages: Sequence[nn.Module],
    images: Tensor,
    labels: Tensor,
    microbatches: int,
    loss: Callable[[Tensor, Tensor], Tensor],
) -> tuple[Tensor, Tensor]:
    """Compute a step's gradients as a pipeline of these stages does, all of them here.

    A stage is given the same micro-batches and gradients in the same order and layout, and adds up
    and scales as torch's schedule does, so that the bits are the same. But a micro-batch goes all
    the way before the next one starts, and only its own activations are kept.

    Args:
        stages: in order, without gradients.
        images: (b, channels, height, width).
        labels: (b,).
        microbatches: into how many a batch is cut.
        loss: the mean loss () of logits and labels.

    Returns:
        The mean of the micro-batches' losses, and the logits (b, classes).
    """
    losses, logits = [], []
    parts = zip(images.tensor_split(microbatches), labels.tensor_split(microbatches), strict=True)
    for part, truth in parts:
        entered, left = [], [part]
        for number, stage in enumerate(stages):
            entered.append(left[-1].detach().requires_grad_(number > 0))
            left.append(stage(entered[-1]))
        logits.append(left[-1].detach())
        losses.append(loss(left[-1], truth))
        gradient = None
        for end, start in zip([losses[-1], *left[-2:0:-1]], reversed(entered), strict=True):
            torch.autograd.backward(end, gradient)
            gradient = start.grad
    for parameter in nn.ModuleList(stages).parameters():
        if microbatches > 1 and parameter.grad is not None:
            parameter.grad.div_(microbatches)
    return torch.stack(losses).detach().mean(), torch.cat(logits)
