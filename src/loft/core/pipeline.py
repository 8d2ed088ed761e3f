"""A stage of a pipeline over the job's workers, whose boundary tensors are counted."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed import P2POp
from torch.distributed.pipelining import PipelineStage

from loft.core.workers import Workers


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
