"""Table 1, a row a cell, and the tables behind it, made from metrics alone."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.tickets.results.cells import CONTROLS, UNPRUNED, Cell
from loft.tickets.results.printed import GIGA, PAPER_METHODS, PAPER_MODELS, paper_table

TICKET = ("snapshot", "ratio", "multiple", "parameters", "flops", "test_accuracy")


COSTS = {  # columns of Table 1 -> bytes in the lines of results
    "comm_gigabytes": "bytes_sent",
    "comm_gigabytes_model": "bytes_model",
    "comm_gigabytes_paper": "bytes_paper",
}


Job = list[Line]  # one job's lines, the first of which says what it was


def order(job: Job) -> tuple[Any, ...]:
    """Return where a job's rows belong: by network, workers, method and seed."""
    about = job[0]
    if about["step"] == "distance":
        return ("",)
    cell = Cell.parse("dense" if about["cell"] == UNPRUNED else about["cell"])
    return (about["model"]["name"], cell.workers, cell.method, about["cell"], about["seed"])


def table1(jobs: Iterable[Job]) -> pd.DataFrame:
    """Return Table 1: one row for each model, data set, method and number of workers.

    Accuracies are in percent, means over seeds with the sample deviation beside them where there
    are several seeds; costs in gigabytes (1e9 bytes), means over seeds. `paper_*` are the long
    version's printed values, blank where it has none. `table1_verdicts` adds the verdicts.
    """
    jobs = list(jobs)
    tickets = tickets_table(jobs)
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
    """Return a column and the one of its sample deviation."""
    series = pd.Series(list(values), dtype=float)
    return {column: series.mean(), f"{column}_std": series.std()}


def _accuracies(about: Line, tickets: pd.DataFrame, ratios: list[float]) -> dict[str, float]:
    """Return the accuracies of a cell's last tickets, at every ratio."""
    own = tickets[(tickets["model"] == about["model"]["name"]) & (tickets["cell"] == about["cell"])]
    own = own[own["snapshot"] == own["snapshot"].max()]
    found: dict[str, float] = {}
    for ratio in ratios:
        values = own.loc[own["ratio"] == ratio, "test_accuracy"]
        found |= _mean(f"accuracy_{percent(ratio)}", values)
    return found


def _costs(group: list[Job]) -> dict[str, float]:
    """Return a cell's bytes: as counted, as our protocol's shapes give, as the paper counts."""
    results = [_result(job) for job in group]
    return {
        column: pd.Series([result[name] for result in results]).mean() / GIGA
        for column, name in COSTS.items()
    }


def taken_in_turns(jobs: Iterable[Job]) -> str:
    """Say which cells' workers took turns on one device, or nothing."""
    cells = dict.fromkeys(job[0]["cell"] for job in jobs if job[0].get("turns"))
    if not cells:
        return ""
    text = f"Workers of {', '.join(cells)} took turns on one device; bytes are counted as between"
    return f" {text} processes."


def percent(ratio: float) -> str:
    """Return a pruning ratio as columns name it: 0.5 -> "50"."""
    return f"{100 * ratio:g}"


def final_accuracy(job: Job) -> float:
    """Return the last test accuracy among a job's epochs."""
    accuracy: float = [line for line in job if line["kind"] == "epoch"][-1]["test_accuracy"]
    return accuracy


def _result(job: Job) -> Line:
    return next(line for line in job if line["kind"] == "result")


def paper_rows(model: str, dataset: str) -> pd.DataFrame:
    """Return the long version's rows of Table 1 for one of our networks on a data set."""
    printed = paper_table()
    return printed[
        (printed["version"] == "v2")
        & (printed["model"] == PAPER_MODELS.get(model))
        & (printed["dataset"] == dataset)
    ]


def _paper(about: Line, cell: Cell, ratios: list[float]) -> dict[str, Any]:
    """Return the printed values for a row: the model's and data set's, and the cell's own."""
    printed = paper_rows(about["model"]["name"], about["dataset"])
    dense = printed["dense_accuracy_percent"].iloc[0] if len(printed) else None
    own = printed[
        (printed["method"] == PAPER_METHODS.get(cell.method)) & (printed["workers"] == cell.workers)
    ]
    values: dict[str, Any] = {"paper_dense_accuracy": dense}
    for ratio in ratios:
        column = f"accuracy_{percent(ratio)}_percent"
        has = len(own) > 0 and column in own
        values[f"paper_accuracy_{percent(ratio)}"] = own[column].iloc[0] if has else None
    values["paper_comm_gigabytes"] = own["comm_gigabytes"].iloc[0] if len(own) else None
    return values


def tickets_table(jobs: Iterable[Job]) -> pd.DataFrame:
    """Return one row for each fine-tuned ticket: where it came from, its size, its accuracy.

    `flops` are of one image's forward pass, two to a multiply-add. A cell whose training is
    another's has the other's tickets.
    """
    jobs = list(jobs)
    rows = [
        {
            "model": job[0]["model"]["name"],
            "dataset": job[0]["dataset"],
            "cell": job[0]["cell"],
            "seed": job[0]["seed"],
            **{key: line[key] for key in TICKET},
        }
        for job in jobs
        if job[0]["step"] == "finetune"
        for line in job
        if line["kind"] == "ticket"
    ]
    for about in (job[0] for job in jobs if job[0].get("trained_by")):
        theirs = (about["model"]["name"], about["trained_by"], about["seed"])
        rows += [
            {**row, "cell": about["cell"]}
            for row in rows
            if (row["model"], row["cell"], row["seed"]) == theirs
        ]
    return pd.DataFrame(rows)


def distances_table(lines: Iterable[Line]) -> pd.DataFrame:
    """Return the filter distance from every epoch to the last, a row each.

    `mean` is over layers and by l2 norm, like the layers' own columns; `mean_l1` and `mean_max`
    are by the other norms.
    """
    pretrainings: dict[tuple[Any, ...], dict[str, Line]] = {}  # whose -> norm -> line
    keys = ("model", "dataset", "cell", "seed")
    for line in lines:
        if line["kind"] == "distance":
            whose = tuple(line[key] for key in keys)
            pretrainings.setdefault(whose, {})[line["norm"]] = line
    return pd.DataFrame(
        [
            {
                **dict(zip(keys, whose, strict=True)),
                "from_epoch": epoch,
                "to_epoch": norms["l2"]["to_epoch"],
                "mean": norms["l2"]["mean"][epoch],
                "mean_l1": norms["l1"]["mean"][epoch],
                "mean_max": norms["max"]["mean"][epoch],
                **{layer: values[epoch] for layer, values in norms["l2"]["layers"].items()},
            }
            for whose, norms in pretrainings.items()
            for epoch in range(norms["l2"]["to_epoch"] + 1)
        ]
    )


def accuracies(table: pd.DataFrame) -> list[str]:
    """Return the columns of ticket accuracies, such as "accuracy_50"."""
    return [
        column
        for column in table.columns
        if column.startswith("accuracy_") and not column.endswith("_std")
    ]
