"""Plan the power of a run's verdicts: how likely each is, and how many seeds it needs.

Three statements about the tickets of two cells, at each ratio of each network:

    equal     the difference is within the margin; true difference 0 (equivalence, two t tests)
    better    it is above zero; true difference as asked for (superiority)
    beyond    it is above the margin; the same true difference

The level of a test is 1 - confidence over the number of comparisons in a row of Table 1, the
strictest of Holm's correction. `loft.core.reporting.verdicts.power` has the formula.
"""

import dataclasses
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from loft.core.data.dimensions import dimensions
from loft.core.errors import UserError
from loft.core.files.run_paths import results_folder
from loft.core.reporting.checked_lines import read_table
from loft.core.reporting.verdicts.intervals import Noise, pooled
from loft.core.reporting.verdicts.power import MOST, needed, power
from loft.core.reporting.verdicts.regions import ABOVE_ZERO, Region, within
from loft.tickets.planning.as_text import aligned
from loft.tickets.report.verdicts import margins
from loft.tickets.report.verdicts.printed_accuracies import BASELINES, DENSE, RowGroup, printed
from loft.tickets.results.paths import Paths
from loft.tickets.results.schema.table_rows import TABLES
from loft.tickets.run.run import Run

COLUMNS = ("network, ratio", "statement", "true", "margin", "deviation", "power", "seeds needed")
MEANS = 2  # a difference of two cells


@dataclass(frozen=True)
class Verdict:
    """A statement, its power with the run's seeds, and the seeds for the power that is wanted.

    Differences are in points of accuracy; `needed` is None if it is more than can be planned.
    """

    model: str
    ratio: float
    statement: str
    true: float
    margin: float
    deviation: float
    power: float
    needed: int | None


class Spread(NamedTuple):
    """The deviation of one seed in points, by network and ratio, and the dense column's accuracy.

    `dense` has no network whose accuracy is not known.
    """

    deviation: dict[tuple[str, float], float]
    dense: dict[str, float]
    origin: str


def run(
    run: Run, deviation: str | None, source: str | None, difference: str | None, as_json: bool
) -> str:
    """Return the power of a run's verdicts as text or as JSON.

    Args:
        run: the run.
        deviation: standard deviation of one seed, in points of accuracy.
        source: name of a run whose committed tables give the deviation instead.
        difference: true difference of "better" and "beyond", in points; None: twice the margin.
        as_json: whether to return JSON.

    Raises:
        UserError: a number cannot be read, no deviation is given or measured, or images that must
            be read are missing.
    """
    if "tickets" not in run.studies:
        raise UserError(f"studies: found {run.studies}; expected 'tickets' among them")
    if (deviation is None) == (source is None):
        found = "neither --deviation nor --from" if source is None else "both of them"
        raise UserError(f"--power: found {found}; expected one of --deviation and --from")
    spread = _measured(run, source) if source is not None else _assumed(run, deviation or "")
    true = None if difference is None else _points("--difference", difference)
    planned = list(verdicts(run, spread, true))
    if as_json:
        return json.dumps([dataclasses.asdict(each) for each in planned], indent=1) + "\n"
    return "\n".join(_text(run, spread, planned)) + "\n"


def verdicts(run: Run, spread: Spread, true: float | None) -> Iterator[Verdict]:
    """Yield each statement with its power, by network and by falling ratio."""
    level = (1 - run.verdict.confidence) / comparisons(run)
    cells = len(run.trained) + len(run.controls)
    for model in (model.name for model in run.models):
        margin = margins.margin(run.verdict, spread.dense.get(model))
        apart = 2 * margin if true is None else true
        for ratio in sorted(run.prune.ratios, reverse=True):
            noise = Noise(spread.deviation[model, ratio], cells, cells)
            for name, region, at in (
                ("equal", within(margin), 0.0),
                ("better", ABOVE_ZERO, apart),
                ("beyond", Region(margin, math.inf), apart),
            ):
                seeds = len(run.seeds)
                likely = power(region, at, noise, MEANS, seeds, level) if seeds > 1 else 0.0
                enough = needed(region, at, noise, MEANS, level, run.verdict.power)
                yield Verdict(
                    model=model,
                    ratio=ratio,
                    statement=name,
                    true=at,
                    margin=margin,
                    deviation=noise.deviation,
                    power=likely,
                    needed=None if enough > MOST else enough,
                )


def comparisons(run: Run) -> int:
    """Return the most comparisons that one row of Table 1 makes in this run."""
    rows = [
        sum(base.method in BASELINES[cell.method] for base in run.cells if base[1] == cell[1])
        for cell in run.cells
        if cell.method in BASELINES
    ]
    return max(1, len(run.prune.ratios) * max(rows, default=0))


def _assumed(run: Run, deviation: str) -> Spread:
    points = _points("--deviation", deviation)
    dataset = dimensions(run.data).dataset
    dense = {}
    for model in run.models:
        paper = printed(RowGroup(model.name, dataset))
        if DENSE in paper:
            dense[model.name] = paper[DENSE]
    every = {(model.name, ratio): points for model in run.models for ratio in run.prune.ratios}
    return Spread(every, dense, "as given; dense columns as printed")


def _measured(run: Run, source: str) -> Spread:
    """Read the deviation from a run's tables: pooled over cells, tickets of the last snapshot."""
    folder = Paths(results_folder(source)).folder
    tickets, table1 = _table(folder, "tickets"), _table(folder, "table1")
    last = tickets[tickets["snapshot"] == tickets.groupby("model")["snapshot"].transform("max")]
    found = {}
    for model in (model.name for model in run.models):
        for ratio in run.prune.ratios:
            own = last[(last["model"] == model) & (last["ratio"] == ratio)]
            seeds = [cell["test_accuracy"].tolist() for _, cell in own.groupby("cell")]
            if (noise := pooled(seeds)) is None:
                raise UserError(
                    f"--from: {folder / 'tickets.csv'}: found no deviation of {model} at ratio "
                    f"{ratio:g}; expected its tickets of several seeds"
                )
            found[model, ratio] = noise.deviation
    dense: dict[str, float] = dict(zip(table1["model"], table1["dense_accuracy"], strict=True))
    return Spread(found, dense, f"measured in run '{source}', as are dense columns")


def _table(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.csv"
    _, content = read_table(path, TABLES[name], f"the table that 'loft table' calls {path.name}")
    return pd.read_csv(io.BytesIO(content), na_values=[""], keep_default_na=False)


def _points(option: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 100:
        raise UserError(f"{option}: found '{text}'; expected points of accuracy above 0, like 0.4")
    return value


def _text(run: Run, spread: Spread, found: Sequence[Verdict]) -> Iterator[str]:
    seeds, rule = len(run.seeds), run.verdict
    yield f"Power of verdicts of run '{run.run}' with {seeds} seeds: nothing was started."
    yield f"Deviation of one seed, in points of accuracy: {spread.origin}."
    yield (
        f"Level {1 - rule.confidence:.2g} over {comparisons(run)} comparisons in a row of Table 1; "
        f"seeds needed are for a power of {rule.power:g}."
    )
    unknown = [model.name for model in run.models if model.name not in spread.dense]
    if unknown:
        yield f"Dense column unknown, so margins in points alone: {', '.join(unknown)}."
    yield ""
    rows: list[Sequence[str]] = [COLUMNS]
    for each in found:
        rows.append(
            (
                f"{each.model}, {each.ratio:g}",
                each.statement,
                f"{each.true:.2f}",
                f"{each.margin:.2f}",
                f"{each.deviation:.2f}",
                f"{each.power:.2f}",
                f"over {MOST}" if each.needed is None else str(each.needed),
            )
        )
    yield from aligned(rows)
    yield ""
    yield "equal: within the margin; better: above zero; beyond: above the margin."
