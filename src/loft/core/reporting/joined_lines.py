"""Join lines with their provenance, where it is known."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from loft.core.errors import UserError
from loft.core.files.atomic import read_bytes
from loft.core.reporting.checked_lines import Amount, Checked, Count, Positive, fitted
from loft.core.reporting.metrics import Line, read
from loft.core.reporting.provenance import beside
from loft.core.settings.values import Text, shown


def _date(text: str) -> str:
    try:
        datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"found {shown(text)}; expected a date, by ISO 8601") from None
    return text


Date = Annotated[str, AfterValidator(_date)]


class Origin(Checked):
    """The schema of a line's provenance: the machine, or the cost of a part of a job."""

    line: Positive
    kind: Text
    commit: Text | None = None
    date: Date | None = None
    torch: Text | None = None
    processor: Text | None = None
    cores: Positive | None = None
    gpu: Text | None = None
    device: Text | None = None
    seconds: Amount | None = None
    seconds_per_step: Amount | None = None
    training_seconds: Amount | None = None
    synchronising_seconds: Amount | None = None
    pid: Count | None = None
    peak_memory_bytes: Count | None = None
    baseline_memory_bytes: Count | None = None


def read_joined(metrics: Path) -> list[Line]:
    """Read lines, each with its provenance. Raises UserError where either is damaged."""
    return joined(metrics, read(metrics))


def joined(metrics: Path, lines: Sequence[Line]) -> list[Line]:
    """Return lines with their provenance; unchanged where there is none, as in a clone.

    Args:
        metrics: the file that the lines were read from.
        lines: all lines of that file.

    Raises:
        UserError: the provenance is damaged, or is not about these lines.
    """
    path = beside(metrics)
    if not path.exists():
        return [*lines]
    origins = _origins(path)
    if len(origins) < len(lines):
        found = f"found {len(origins)} lines; expected {len(lines)}, as in {metrics.name}"
        raise _damaged(path, found)
    for number, (origin, line) in enumerate(zip(origins, lines, strict=False), start=1):
        if origin["kind"] != line["kind"]:
            found = f"found {shown(origin['kind'])}; expected {shown(line['kind'])}"
            raise _damaged(path, f"line {number}: kind: {found}, as in {metrics.name}")
    return [{**origin, **line} for origin, line in zip(origins, lines, strict=False)]


def _origins(path: Path) -> list[Line]:
    found: list[Line] = []
    for number, text in enumerate(read_bytes(path).splitlines(), start=1):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            raise _damaged(path, f"line {number} is damaged") from None
        if fitted(Origin, line, f"{path}: line {number}").line != number:
            raise _damaged(path, f"line {number}: line: found {line['line']}; expected {number}")
        found.append(line)
    return found


def _damaged(path: Path, what: str) -> UserError:
    return UserError(f"{path}: {what}; remove the file, or run the step that writes it again")
