"""Run a pipeline of stages: across workers, counting the bytes sent, or within one process."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed import P2POp
from torch.distributed.pipelining import PipelineStage

from loft.core.processes.workers import Workers


class CountedStage(PipelineStage):
    """The stage of one worker. It counts the bytes that it sends: activations and gradients.

    Args:
        workers: the workers of the job, one for each stage, in order of rank.
        module: the layers of this stage.
        received: an example of the stage's input; only its shape and type are used.
        sent: an example of the stage's output; only its shape and type are used.
    """

    def __init__(self, workers: Workers, module: nn.Module, received: Tensor, sent: Tensor) -> None:
        # Without given shapes torch runs an empty batch, which makes BatchNorm's means NaN.
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
        """Accept any memory layout; torch 2.11 accepts only the layout of the example."""

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
    """Compute the gradients of a step in one process, with the same bits as the pipeline.

    Each stage gets the same micro-batches and gradients in the same order and layout as in torch's
    schedule, and adds up and scales the gradients in the same way. Each micro-batch passes forward
    and backward before the next one starts, so only its own activations are in memory.

    Args:
        stages: in order, without gradients.
        images: (b, channels, height, width).
        labels: (b,).
        microbatches: number of micro-batches in a batch.
        loss: returns the mean loss () from logits and labels.

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
