"""Methods whose workers train networks of their own for some iterations and then merge them."""

from typing import Literal

from pydantic import PositiveInt

from loft.tickets.methods.interface import Method


class LocalTraining(Method):
    """`batch_norm` says where the merged network's running statistics come from."""

    local_iterations: PositiveInt
    batch_norm: Literal["recalibrate", "average", "carry"]

    def round_length(self) -> int | None:
        return self.local_iterations

    @property
    def recalibrates(self) -> bool:
        return self.batch_norm == "recalibrate"
