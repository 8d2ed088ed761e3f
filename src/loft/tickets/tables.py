"""Table 1, a row a cell, and the tables behind it, made from metrics alone."""

import importlib.resources
from collections.abc import Iterable
from typing import Any

import pandas as pd

from loft.core.metrics import Line
from loft.tickets import ledger
from loft.tickets.jobs import UNPRUNED, Cell, PretrainJob

GIGA = 1e9  # bytes in a "G" of the paper's cost column
PAPER_MODELS = {"preresnet18": "PreResNet-18", "preresnet34": "PreResNet-34"}
PAPER_METHODS = {"gpipe": "GPipe", "local_sgd": "Local SGD", "loft": "LoFT"}
METHODS = {"dense": "Dense", **PAPER_METHODS}
PAPER_WIDTH = 64

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
    version's printed values, blank where it has none.
    """
    jobs = list(jobs)
    tickets = tickets_table(jobs)
    pretrainings = [job for job in jobs if job[0]["step"] == "pretrain"]
    cells: dict[tuple[str, str], list[Job]] = {}
    for job in pretrainings:
        cells.setdefault((job[0]["model"]["name"], job[0]["cell"]), []).append(job)
    ratios = sorted(tickets["ratio"].unique()) if len(tickets) else []
    rows = [
        _row(group, cells[model, UNPRUNED], tickets, ratios)
        for (model, cell), group in cells.items()
        if cell != UNPRUNED
    ]
    return pd.DataFrame(rows)


def _row(
    group: list[Job], unpruned: list[Job], tickets: pd.DataFrame, ratios: list[float]
) -> dict[str, Any]:
    about = group[0][0]
    last = about["settings"]["epochs"]
    own = tickets[
        (tickets["model"] == about["model"]["name"])
        & (tickets["cell"] == about["cell"])
        & (tickets["snapshot"] == last)
    ]
    dense = pd.Series([_final_accuracy(job) for job in unpruned])
    row: dict[str, Any] = {
        "model": about["model"]["name"],
        "dataset": about["dataset"],
        "method": about["method"],
        "workers": about["workers"],
        "seeds": len(group),
        "dense_accuracy": dense.mean(),
        "dense_accuracy_std": dense.std(),
        "pretrain_accuracy": pd.Series([_final_accuracy(job) for job in group]).mean(),
    }
    for ratio in ratios:
        found = own.loc[own["ratio"] == ratio, "test_accuracy"]
        row[f"accuracy_{percent(ratio)}"] = found.mean()
        row[f"accuracy_{percent(ratio)}_std"] = found.std()
    pretraining = _ledger_entry(about)
    sent = pd.Series([_result(job)["bytes_sent"] for job in group])
    row["comm_gigabytes"] = sent.mean() / GIGA
    row["comm_gigabytes_model"] = ledger.bytes_sent(pretraining) / GIGA
    row["comm_gigabytes_paper"] = ledger.paper_bytes(pretraining) / GIGA
    row.update(_paper(about, ratios))
    in_paper = about["dataset"] in set(paper_table()["dataset"])
    comparable = about["model"]["width"] == PAPER_WIDTH and in_paper
    row["verdict"] = "" if comparable else "not comparable"
    return row


def percent(ratio: float) -> str:
    """Return a pruning ratio as columns name it: 0.5 -> "50"."""
    return f"{100 * ratio:g}"


def _final_accuracy(job: Job) -> float:
    """Return the last test accuracy among a job's epochs."""
    accuracy: float = [line for line in job if line["kind"] == "epoch"][-1]["test_accuracy"]
    return accuracy


def _result(job: Job) -> Line:
    return next(line for line in job if line["kind"] == "result")


def _ledger_entry(about: Line) -> ledger.Pretraining:
    return ledger.Pretraining(
        PretrainJob.model_validate(about["settings"]),
        about["channels"],
        about["size"],
        about["classes"],
        about["iterations_per_epoch"],
    )


def paper_table() -> pd.DataFrame:
    """Return the paper's Table 1 as transcribed, versions 1 and 2."""
    source = importlib.resources.files("loft.tickets") / "paper_table1.csv"
    with importlib.resources.as_file(source) as path:
        return pd.read_csv(path)


def _paper(about: Line, ratios: list[float]) -> dict[str, Any]:
    """Return the printed values for a row: the model's and data set's, and the cell's own."""
    printed = paper_table()
    printed = printed[
        (printed["version"] == "v2")
        & (printed["model"] == PAPER_MODELS.get(about["model"]["name"]))
        & (printed["dataset"] == about["dataset"])
    ]
    dense = printed["dense_accuracy_percent"].iloc[0] if len(printed) else None
    cell = printed[
        (printed["method"] == PAPER_METHODS.get(about["method"]))
        & (printed["workers"] == about["workers"])
    ]
    values: dict[str, Any] = {"paper_dense_accuracy": dense}
    for ratio in ratios:
        column = f"accuracy_{percent(ratio)}_percent"
        has = len(cell) > 0 and column in cell
        values[f"paper_accuracy_{percent(ratio)}"] = cell[column].iloc[0] if has else None
    values["paper_comm_gigabytes"] = cell["comm_gigabytes"].iloc[0] if len(cell) else None
    return values


def tickets_table(jobs: Iterable[Job]) -> pd.DataFrame:
    """Return one row for each fine-tuned ticket: where it came from, its size, its accuracy.

    `flops` are of one image's forward pass, two to a multiply-add.
    """
    rows = [
        {
            "model": job[0]["model"]["name"],
            "dataset": job[0]["dataset"],
            "cell": job[0]["cell"],
            "seed": job[0]["seed"],
            **{
                key: line[key]
                for key in ("snapshot", "ratio", "parameters", "flops", "test_accuracy")
            },
        }
        for job in jobs
        if job[0]["step"] == "finetune"
        for line in job
        if line["kind"] == "ticket"
    ]
    return pd.DataFrame(rows)


def distances_table(lines: Iterable[Line]) -> pd.DataFrame:
    """Return the filter distance from every epoch to the last, a row each, mean and by layer."""
    keys = ("model", "cell", "seed", "from_epoch", "to_epoch", "mean")
    return pd.DataFrame(
        [
            {**{key: line[key] for key in keys}, **line["layers"]}
            for line in lines
            if line["kind"] == "distance"
        ]
    )


def accuracies(table: pd.DataFrame) -> list[str]:
    """Return the columns of ticket accuracies, such as "accuracy_50"."""
    return [
        column
        for column in table.columns
        if column.startswith("accuracy_") and not column.endswith("_std")
    ]
