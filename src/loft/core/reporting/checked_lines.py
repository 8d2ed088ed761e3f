"""Check lines and tables against schemas before tables and figures are made from them.

A study has a table of the steps whose lines it reads, with a schema for each kind of line. A line
may hold more than the schema asks for, and stays a plain dictionary.
"""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from loft.core.errors import UserError, suggestion
from loft.core.files.atomic import read_bytes
from loft.core.reporting.metrics import Line, incomplete, read, read_whole
from loft.core.settings.faults import explain
from loft.core.settings.schema import STEP
from loft.core.settings.values import shown

Job = list[Line]  # one job's lines, the first of which says what it was
Key = tuple[str, ...] | None  # names of values
LARGEST = 2**63  # of whole numbers, in NumPy and pandas


def _as_readers_do(value: Any) -> Any:
    """Refuse text that Python reads as a number but NumPy or pandas do not."""
    if isinstance(value, int) and abs(value) >= LARGEST:
        raise ValueError(f"found {shown(value)}; expected a number below 2^63")
    if isinstance(value, str) and "_" in value:
        raise ValueError(f"found {shown(value)}; expected a number")
    return value


Plain = BeforeValidator(_as_readers_do)
Count = Annotated[int, Plain, Field(ge=0, lt=LARGEST)]
Positive = Annotated[int, Plain, Field(gt=0, lt=LARGEST)]
Number = Annotated[float, Plain]
Above = Annotated[Number, Field(gt=0)]
Amount = Annotated[Number, Field(ge=0)]
Percent = Annotated[Number, Field(ge=0, le=100)]
Unbounded = Annotated[float, Field(allow_inf_nan=True)]


class Checked(BaseModel):
    """The schema of a line or of a table's row: values are not coerced, numbers are finite.

    Attributes:
        key: the fields that identify a line among those of its kind; no two lines may have the same
            values. Empty: there is one line of the kind. None: lines may be equal.
    """

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False, frozen=True)

    key: ClassVar[Key] = ()

    def identity(self) -> tuple[Any, ...]:
        """Return the values that identify it among others of its kind."""
        return tuple(getattr(self, name) for name in self.key or ())


class First(Checked):
    """The schema of a job's first line, which describes the job.

    Its `key` identifies the job among those of its step.
    """

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        """Yield what is missing of the job: how much was found and expected.

        Args:
            lines: the checked lines that follow, by kind; every kind of the step is there.
        """
        yield from ()


Kinds = Mapping[str, type[Checked]]
Steps = Mapping[str, Kinds]
C = TypeVar("C", bound=Checked)


def counted(count: int, expected: int, kind: str) -> Iterator[str]:
    """Yield a fault where the number of lines of a kind is wrong."""
    if count != expected:
        yield f"found {count} of {expected} lines of kind '{kind}'"


def read_job(path: Path, steps: Steps, whole: bool = True) -> Job:
    """Read a job's lines.

    Args:
        path: of the file.
        steps: schemas of the lines, by step and kind.
        whole: whether the job must be complete, as for tables. Otherwise the last line may be cut
            off, and standard error names it.

    Raises:
        UserError: the file is missing or damaged, another step's, or lacks lines; names the line.
    """
    return _read_job(path, steps, whole)[0]


def read_jobs(paths: Iterable[Path], steps: Steps, whole: bool = True) -> dict[Path, Job]:
    """Read the lines of several jobs, each as `read_job` does.

    Raises:
        UserError: as `read_job`, and where two files hold the same job.
    """
    jobs: dict[Path, Job] = {}
    seen: dict[tuple[Any, ...], Path] = {}
    for path in paths:
        job, first = _read_job(path, steps, whole)
        identity = (job[0]["step"], *first.identity())
        if identity in seen:
            raise UserError(f"{path}: found the same job as in {seen[identity]}; expected it once")
        seen[identity], jobs[path] = path, job
    return jobs


def expect_steps(jobs: Iterable[Job], steps: Collection[str]) -> None:
    """Raise UserError where there is no job of one of the steps."""
    found = {job[0]["step"] for job in jobs}
    for step in steps:
        if step not in found:
            raise UserError(
                f"--metrics: found no lines of step '{step}'; expected some of each of"
                f" {', '.join(steps)}"
            )


def _read_job(path: Path, steps: Steps, whole: bool) -> tuple[Job, Checked]:
    job = read_whole(path) if whole else read(path)
    step = job[0].get("step")
    if step not in [*steps]:
        raise UserError(
            f"{path}: found lines of step {shown(step)}; expected of {', '.join(steps)}"
        )
    found: dict[str, list[Checked]] = {kind: [] for kind in steps[step]}
    seen: dict[tuple[Any, ...], int] = {}
    for number, line in enumerate(job, start=1):
        kind = line["kind"]
        if kind not in [*found]:
            near = suggestion(kind, found)
            raise UserError(
                f"{path}: line {number}: kind: found {shown(kind)}; expected one of"
                f" {', '.join(found)}{near}"
            )
        checked = fitted(steps[step][kind], line, f"{path}: line {number}")
        identity = (kind,) if kind == "job" else (kind, *checked.identity())
        if identity in seen and checked.key is not None:
            raise UserError(f"{path}: line {number}: found what line {seen[identity]} says already")
        seen[identity] = number
        found[kind].append(checked)
    first = found["job"][0]
    if whole and isinstance(first, First):
        for fault in first.faults(found):
            raise incomplete(path, fault)
    return job, first


def fitted(schema: type[C], values: object, where: str) -> C:
    """Check values against a schema. Raises UserError, which begins with `where`."""
    try:
        return schema.model_validate(values, context=STEP)  # no default stands in for a fact
    except ValidationError as error:
        raise UserError(f"{where}: {explain(error)}") from None


class Row(Checked):
    """The schema of a row of a CSV table, whose numbers are text. A blank means no value."""

    model_config = ConfigDict(strict=False)

    @classmethod
    def columns(cls, head: Collection[str]) -> list[str]:
        """Return the columns that a table with some columns must have."""
        return [name for name, field in cls.model_fields.items() if field.is_required()]


def read_table(path: Path, schema: type[Row], what: str) -> tuple[list[dict[str, str]], bytes]:
    """Read a CSV table; return its rows as text, and the file's content for other readers.

    Args:
        path: of the file.
        schema: of a row; its `key` identifies rows.
        what: name of the table, for messages.

    Raises:
        UserError: the file is missing, is no CSV, or has no such columns or rows; names the line.
    """
    content = read_bytes(path)
    rows: list[dict[str, str]] = []
    seen: dict[tuple[Any, ...], int] = {}
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
        head = next(reader, [])
        _expect_columns(path, schema, head, what)
        for cells in reader:
            number = reader.line_num
            if len(cells) != len(head):
                raise UserError(
                    f"{path}: line {number}: found {len(cells)} values; expected {len(head)}"
                )
            row = dict(zip(head, cells, strict=True))
            given = {name: value for name, value in row.items() if value}
            identity = fitted(schema, given, f"{path}: line {number}").identity()
            if identity in seen and schema.key is not None:
                where = f"{path}: line {number}"
                raise UserError(f"{where}: found what line {seen[identity]} says already")
            seen[identity] = number
            rows.append(row)
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"{path}: expected {what}, as CSV; found: {error}") from None
    if not rows:
        raise UserError(f"{path}: found no rows; expected {what}")
    return rows, content


def _expect_columns(path: Path, schema: type[Row], head: list[str], what: str) -> None:
    for name in schema.columns(head):
        if name not in head:
            near = suggestion(name, head)
            raise UserError(f"{path}: found no column '{name}'{near}; expected {what}")
    for name in head:
        if head.count(name) > 1:
            raise UserError(f"{path}: found column {shown(name)} twice; expected once")
