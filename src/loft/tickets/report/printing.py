"""Print tables as text: CSV for programs, Markdown and LaTeX for people."""

from typing import Any

import pandas as pd

from loft.tickets.report.looks import title
from loft.tickets.results.cells import Cell


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV: accuracies and distances to 4 decimals, costs to 9."""
    return _formatted(table).to_csv(index=False, lineterminator="\n")


def _decimal(value: float, decimals: int) -> str:
    if pd.isna(value):
        return ""
    positive_zero = round(value, decimals) + 0.0  # a rounding error below zero is not "-0"
    return f"{positive_zero:.{decimals}f}".rstrip("0").rstrip(".")


def _formatted(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    for column in table.columns[[kind.kind == "f" for kind in table.dtypes]]:
        decimals = 9 if "gigabytes" in column else 4
        table[column] = [_decimal(value, decimals) for value in table[column]]
    return table


def _printable(table: pd.DataFrame) -> pd.DataFrame:
    """Return Table 1 for readers: our value, its deviation and the paper's value in brackets."""

    def cell(row: "pd.Series[Any]", column: str, paper: str, decimals: int) -> str:
        if pd.isna(row[column]):
            return ""
        text = f"{row[column]:.{decimals}f}"
        deviation = row.get(f"{column}_std")
        if deviation is not None and not pd.isna(deviation):
            text += f" ± {deviation:.{decimals}f}"
        printed = row.get(paper)
        return text if printed is None or pd.isna(printed) else f"{text} ({printed:.2f})"

    rows = []
    for _, row in table.iterrows():
        shown = {
            "model": row["model"],
            "dataset": row["dataset"],
            "method": title(Cell(row["method"], row["workers"]).name),
            "dense": cell(row, "dense_accuracy", "paper_dense_accuracy", 2),
            "pretrained": cell(row, "pretrain_accuracy", "", 2),
        }
        for column in reversed(accuracies(table)):
            shown[f"{column.removeprefix('accuracy_')} % pruned"] = cell(
                row, column, f"paper_{column}", 2
            )
        shown["sent, GB"] = cell(row, "comm_gigabytes", "", 4)
        shown["paper's convention, GB"] = cell(
            row, "comm_gigabytes_paper", "paper_comm_gigabytes", 4
        )
        shown["verdict"] = row["verdict"]
        rows.append(shown)
    return pd.DataFrame(rows)


CAPTION = (
    "Accuracies in percent, mean ± deviation over seeds; in brackets the paper's, at its own size."
)


LATEX = str.maketrans(  # characters with a special meaning in LaTeX
    {character: rf"\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"±": r"$\pm$"}
)


def _note(table: pd.DataFrame, note: str) -> str:
    """Return a note, preceded by the multiple that tickets were rounded up to, if any."""
    multiple = table["multiple"].max()
    if multiple > 1:
        return f"Tickets keep multiples of {multiple} filters in a layer. {note}"
    return note


def to_markdown(table: pd.DataFrame, note: str) -> str:
    """Return Table 1 in Markdown, our numbers with the paper's in brackets, and a note below."""
    shown = _printable(table)
    rows = [[text.replace("|", r"\|") for text in row] for row in shown.values.tolist()]
    lines = [list(shown.columns), ["---"] * len(shown.columns), *rows]
    body = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{body}\n\n{CAPTION}\n\n{_note(table, note)}\n"


def to_latex(table: pd.DataFrame, note: str) -> str:
    """Return Table 1 as a LaTeX tabular for the booktabs package, with a note in a comment."""
    shown = _printable(table)

    def line(values: list[str]) -> str:
        return " & ".join(value.translate(LATEX) for value in values) + r" \\"

    body = [line(values) for values in shown.values.tolist()]
    head = [rf"% {CAPTION}", rf"% {_note(table, note)}"]
    head += [rf"\begin{{tabular}}{{lll{'r' * (len(shown.columns) - 4)}l}}"]
    head += [r"\toprule", line(list(shown.columns)), r"\midrule"]
    return "\n".join([*head, *body, r"\bottomrule", r"\end{tabular}"]) + "\n"


def accuracies(table: pd.DataFrame) -> list[str]:
    """Return the columns of ticket accuracies, such as "accuracy_50"."""
    return [
        column
        for column in table.columns
        if column.startswith("accuracy_") and not column.endswith("_std")
    ]
