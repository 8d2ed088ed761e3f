"""Check the names of methods and cells, and shares, in lines and tables."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from loft.core.reporting.checked_lines import Number
from loft.core.settings.values import shown
from loft.tickets.methods import METHODS, base
from loft.tickets.results.cells import CONTROLS, UNPRUNED

VARIANT = re.compile(r"\.[a-z][a-z0-9_]*")
WHOSE = ("model", "dataset", "cell", "seed")


def method_name(name: str) -> str:
    """Return the name of a method, of its variant or of a control. Raises ValueError for others."""
    variant = name.removeprefix(base(name))
    if (variant and not VARIANT.fullmatch(variant)) or base(name) not in [*METHODS, *CONTROLS]:
        raise ValueError(f"found {shown(name)}; expected one of {', '.join([*METHODS, *CONTROLS])}")
    return name


def _cell(name: str) -> str:
    """Refuse a name that is neither a row of Table 1 nor the dense column."""
    method, _, workers = name.partition("-")
    if name != UNPRUNED and (
        method_name(method) != method or (workers and not re.fullmatch(r"[1-9]\d{0,3}", workers))
    ):
        raise ValueError(f"found {shown(name)}; expected a method and its number of workers")
    return name


CellName = Annotated[str, AfterValidator(_cell)]
Share = Annotated[Number, Field(gt=0, lt=1)]
