"""Make Table 1: accuracies and communication of every network, method and number of workers."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.tickets.report import printing
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import Job, final_accuracy, percent
from loft.tickets.report.verdicts.note import note
from loft.tickets.report.verdicts.printed_accuracies import with_verdicts
from loft.tickets.results.cells import CONTROLS, DENSE, FROM_START, UNPRUNED, Cell
from loft.tickets.results.printed import GIGA, PAPER_METHODS, paper_rows

TITLE = "Table 1"
CAPTION = """
One row for each network and pretraining method. Accuracies are in percent: of the unpruned network
after the whole schedule, of the pretrained network, and of the fine-tuned tickets by percentage of
filters removed. Costs are gigabytes sent between workers during pretraining: as counted, as the
same protocol's shapes give, and in the convention behind the paper's column. The work of
pretraining is the images that all workers train on together, and the operations of their forward
and backward passes (10^12, two to a multiply-add); of fine-tuning it is the images that a ticket is
trained on. Columns that begin with ``paper`` hold the paper's values, at the paper's sizes.
"""
COSTS = {  # column of Table 1 -> key of the lines of kind "result"
    "comm_gigabytes": "bytes_sent",
    "comm_gigabytes_model": "bytes_model",
    "comm_gigabytes_paper": "bytes_paper",
}
TERA = 1e12


def make(
    jobs: list[Job], tickets: pd.DataFrame, verdicts: pd.DataFrame, rule: VerdictSettings
) -> pd.DataFrame:
    """Return Table 1, with a verdict for each row."""
    return with_verdicts(without_verdicts(jobs, tickets), verdicts, rule)


def to_markdown(table1: pd.DataFrame, jobs: list[Job], rule: VerdictSettings) -> str:
    """Return Table 1 in Markdown, with a note on the verdicts."""
    return printing.to_markdown(table1, note(jobs, rule) + taken_in_turns(jobs))


def to_latex(table1: pd.DataFrame, jobs: list[Job], rule: VerdictSettings) -> str:
    """Return Table 1 for LaTeX, with the same note."""
    return printing.to_latex(table1, note(jobs, rule) + taken_in_turns(jobs))


def without_verdicts(jobs: list[Job], tickets: pd.DataFrame) -> pd.DataFrame:
    """Return Table 1: one row for each model, data set, method and number of workers.

    Accuracies are in percent: the mean over seeds, and in a `_std` column the standard deviation
    over seeds. Costs are in gigabytes (1e9 bytes), averaged over seeds. `paper_*` are the values
    that the paper's long version prints, blank if it prints none.
    """
    cells: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        if job[0]["step"] == "pretrain" or job[0].get("cell") in CONTROLS:
            cells.setdefault((job[0]["model"]["name"], job[0]["cell"]), []).append(job)
    ratios = sorted(tickets["ratio"].unique()) if len(tickets) else []
    rows = []
    for (model, cell), group in cells.items():
        if cell == UNPRUNED:
            continue
        about = group[0][0]
        trainer = cells.get((model, about.get("trained_by") or cell), [])
        row = _identity(about, len(group))
        row["multiple"] = tickets["multiple"].max() if len(tickets) else 1
        row |= _mean("dense_accuracy", map(final_accuracy, cells[model, UNPRUNED]))
        pretrained = [] if cell in CONTROLS else [final_accuracy(job) for job in trainer]
        row["pretrain_accuracy"] = pd.Series(pretrained, dtype=float).mean()
        row |= _accuracies(about, tickets, ratios)
        row |= dict.fromkeys(COSTS, 0.0) if cell in CONTROLS else _costs(group)
        row |= _work(
            [] if cell in FROM_START else cells[model, DENSE if cell in CONTROLS else cell]
        )
        row["finetune_images"] = _finetuned(about, tickets)["images_seen"].max()
        rows.append({**row, **_paper(about, Cell.parse(cell), ratios)})
    return pd.DataFrame(rows)


def _identity(about: Line, seeds: int) -> dict[str, Any]:
    method, workers = Cell.parse(about["cell"])
    return {
        "model": about["model"]["name"],
        "dataset": about["dataset"],
        "method": method,
        "workers": workers,
        "seeds": seeds,
    }


def _mean(column: str, values: Iterable[float]) -> dict[str, float]:
    """Return the mean of values, and their standard deviation in the column's `_std` column."""
    series = pd.Series(list(values), dtype=float)
    return {column: series.mean(), f"{column}_std": series.std()}


def _accuracies(about: Line, tickets: pd.DataFrame, ratios: list[float]) -> dict[str, float]:
    """Return the accuracies of a cell's tickets of the last snapshot, at every ratio."""
    own = _finetuned(about, tickets)
    found: dict[str, float] = {}
    for ratio in ratios:
        values = own.loc[own["ratio"] == ratio, "test_accuracy"]
        found |= _mean(f"accuracy_{percent(ratio)}", values)
    return found


def _finetuned(about: Line, tickets: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a cell's tickets of the last snapshot that has any."""
    own = tickets[(tickets["model"] == about["model"]["name"]) & (tickets["cell"] == about["cell"])]
    last: pd.DataFrame = own[own["snapshot"] == own["snapshot"].max()]
    return last


def _costs(group: list[Job]) -> dict[str, float]:
    """Return a cell's bytes: counted, computed by our protocol, and by the paper's convention."""
    results = [_result(job) for job in group]
    return {
        column: pd.Series([result[name] for result in results]).mean() / GIGA
        for column, name in COSTS.items()
    }


def _work(group: list[Job]) -> dict[str, float | None]:
    """Return the images and operations of a cell's pretraining, the same for every seed.

    Without a pretraining both are 0; older lines do not say them.
    """
    found = _result(group[0]) if group else {"images_seen": 0, "operations": 0}
    images, operations = (found.get(key) for key in ("images_seen", "operations"))
    return {
        "pretrain_images": images,
        "pretrain_teraoperations": None if operations is None else operations / TERA,
    }


def taken_in_turns(jobs: Iterable[Job]) -> str:
    """Return a note that names the cells whose workers took turns on one device, or ""."""
    cells = dict.fromkeys(job[0]["cell"] for job in jobs if job[0].get("turns"))
    if not cells:
        return ""
    text = f"Workers of {', '.join(cells)} took turns on one device; bytes are counted as between"
    return f" {text} processes."


def _result(job: Job) -> Line:
    return next(line for line in job if line["kind"] == "result")


def _paper(about: Line, cell: Cell, ratios: list[float]) -> dict[str, Any]:
    """Return the printed values of a row: those of its network and data set, and of its cell."""
    printed = paper_rows(about["model"]["name"], about["dataset"])
    dense = printed["dense_accuracy_percent"].iloc[0] if len(printed) else None
    own = printed[
        (printed["method"] == PAPER_METHODS.get(cell.base)) & (printed["workers"] == cell.workers)
    ]
    values: dict[str, Any] = {"paper_dense_accuracy": dense}
    for ratio in ratios:
        column = f"accuracy_{percent(ratio)}_percent"
        has = len(own) > 0 and column in own
        values[f"paper_accuracy_{percent(ratio)}"] = own[column].iloc[0] if has else None
    values["paper_comm_gigabytes"] = own["comm_gigabytes"].iloc[0] if len(own) else None
    return values
