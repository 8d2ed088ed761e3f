"""Define the rows of tables that this study's figures read."""

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, ConfigDict, model_validator

from loft.core.reporting.checked_lines import Amount, Count, Key, Percent, Positive, Row
from loft.core.settings.values import Text, shown
from loft.tickets.results.schema.names import WHOSE, CellName, Share, method_name

RATIO = re.compile(r"accuracy_([\d.]+)")  # columns of ticket accuracies, by percentage removed


class DistancesRow(Row):
    """A row of `distances.csv`."""

    key: ClassVar[Key] = (*WHOSE, "from_epoch")

    model: Text
    dataset: Text
    cell: CellName
    seed: Count
    from_epoch: Count
    mean: Amount
    mean_l1: Amount
    mean_max: Amount


class TicketsRow(Row):
    """A row of `tickets.csv`."""

    key: ClassVar[Key] = (*WHOSE, "snapshot", "ratio")

    model: Text
    dataset: Text
    cell: CellName
    seed: Count
    snapshot: Count
    ratio: Share
    test_accuracy: Percent


class Table1Row(Row):
    """A row of `table1.csv`, with columns of accuracies by ratio."""

    model_config = ConfigDict(extra="allow")

    key: ClassVar[Key] = ("model", "dataset", "method", "workers")
    __pydantic_extra__: dict[str, Any]

    model: Text
    dataset: Text
    method: Annotated[str, AfterValidator(method_name)]
    workers: Positive
    comm_gigabytes: Amount
    pretrain_images: Amount | None = None
    pretrain_teraoperations: Amount | None = None
    finetune_images: Amount | None = None

    @classmethod
    def columns(cls, head: Collection[str]) -> list[str]:
        """Return the needed columns, among them accuracies of a ratio with their deviations."""
        ratios = [name for name in head if RATIO.fullmatch(name)] or ["accuracy_<ratio>"]
        return [*super().columns(head), *ratios, *(f"{name}_std" for name in ratios)]

    @model_validator(mode="after")
    def _accuracies(self) -> Self:
        """Refuse accuracies and deviations that are not percentages."""
        for name, text in (self.model_extra or {}).items():
            if RATIO.fullmatch(name.removesuffix("_std")) and not _is_percent(text):
                raise ValueError(f"{name}: found {shown(text)}; expected a percentage")
        return self


def _is_percent(text: str) -> bool:
    return re.fullmatch(r"\d{1,3}(\.\d+)?", text) is not None and float(text) <= 100


TABLES: Mapping[str, type[Row]] = {
    "table1": Table1Row,
    "tickets": TicketsRow,
    "distances": DistancesRow,
}
