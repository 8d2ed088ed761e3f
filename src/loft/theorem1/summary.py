"""Write the study's summary, README.md; its sentences depend on the measured numbers."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from loft.theorem1.measurements import in_sweep

DATA = {"synthetic": "Gaussian data", "images": "image patches"}
MASKS = {"partition": "partition", "bernoulli": "independent"}
SWEEPS = {"S": "S", "xi": "xi", "T": "T", "local_steps": "local steps"}

Tables = dict[str, pd.DataFrame]


def summarise(tables: Tables) -> str:
    """Return the summary as Markdown."""
    slopes, cells = tables["slopes"], tables["cells"]
    parts = [
        "# Theorem 1, measured",
        _opening(tables["conditions"]),
        _widths(slopes),
        "\n".join(_width_findings(slopes, cells)),
        "Slopes against everything else, one for each kind of data:",
        _sweeps(slopes),
        "\n".join(
            [
                *_opposite(slopes),
                *_conditions(tables["conditions"], cells),
                _neighbourhood(tables["neighbourhood"]),
            ]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(conditions: pd.DataFrame) -> str:
    data = "; ".join(
        f"{DATA[row['source']]} (n = {row['n']}, p = {row['p']}, d = {row['d']}, "
        f"lambda_0 = {row['lambda_0']:.3g}, eta = {row['eta']:.3g}, T = {row['T']})"
        for row in conditions.to_dict("records")
    )
    return (
        "Squared distance of LoFT's weights from gradient descent's after T iterations, and the "
        "summed squared distance of outputs: both terms that LoFT's Theorem 1 bounds, on "
        f"{data}. Written by `loft theorem1-report`; all cells are in `cells.csv`, all fits with "
        "their reasons in `slopes.csv`. Slopes against m are those of a power law above a floor."
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def _widths(slopes: pd.DataFrame) -> str:
    """Return the fits against m as a table, a row for each data, masks and kappa."""
    found = slopes[slopes["against"] == "m"]
    rows = []
    for (source, masks, kappa), part in found.groupby(["source", "masks", "kappa"], sort=False):
        row = [f"{DATA[str(source)]}, {MASKS[str(masks)]}", f"{kappa:g}"]
        for term in ("weights", "outputs"):
            (law,) = part[part["term"] == term].to_dict("records")
            row += [_interval(law, "slope", "low", "high", ".2f")]
            row += [_interval(law, "floor", "floor_low", "floor_high", ".2g")]
            row += ["-" if pd.isna(law["predicted_floor"]) else f"{law['predicted_floor']:.2g}"]
        rows.append(row)
    head = ["data, masks", "kappa"]
    for term in ("weights", "outputs"):
        head += [f"{term}: slope", "floor", "predicted"]
    return _table(head, rows)


def _interval(row: dict[Hashable, Any], value: str, low: str, high: str, form: str) -> str:
    if pd.isna(row[value]):
        return "-"
    return f"{row[value]:{form}} ({row[low]:{form}} to {row[high]:{form}})"


def _sweeps(slopes: pd.DataFrame) -> str:
    """Return the other slopes and the bound's as a table, a column for each masks and kappa."""
    kinds = list(
        dict.fromkeys((str(row["masks"]), float(row["kappa"])) for row in slopes.to_dict("records"))
    )
    rows = []
    for against, name in SWEEPS.items():
        for term in ("weights", "outputs"):
            part = slopes[(slopes["against"] == against) & (slopes["term"] == term)]
            row = [name, term]
            for masks, kappa in kinds:
                own = part[(part["masks"] == masks) & (part["kappa"] == kappa)]
                bound = own["bound"].min()
                against_bound = "" if pd.isna(bound) else f" [{bound:.2f}]"
                text = ", ".join(f"{slope:.2f}" for slope in own["slope"])
                row.append(text + against_bound if text else "-")
            rows.append(row)
    head = [
        "against",
        "term",
        *(f"{MASKS[masks]}, kappa {kappa:g} [bound]" for masks, kappa in kinds),
    ]
    return _table(head, rows)


def _width_findings(slopes: pd.DataFrame, cells: pd.DataFrame) -> list[str]:
    """Describe how the distances fall with the width, and their floors."""
    found = slopes[slopes["against"] == "m"]
    steep = found["high"] < found["bound"]
    floors = found[(found["term"] == "weights") & (found["floor_low"] > 0)]
    swept = cells[in_sweep(cells, "m")]
    wide = swept[swept["m"] == swept["m"].max()]
    off = {term: swept[term] / swept[f"predicted_{term}"] for term in ("weights", "outputs")}
    return [
        f"* **Width.** {steep.sum()} of {len(found)} fits fall faster than the bound's m^-1/4 with "
        "their whole interval; our derivation has m^-1 for weights, m^-2 and later m^-1 for "
        f"outputs. At m = {wide['m'].max()} the weight distance is "
        f"{_range(wide['relative'], '.1e')} of gradient descent's own squared movement.",
        f"* **Floors** of the weight distance are seen in {len(floors)} of "
        f"{(found['term'] == 'weights').sum()} fits. By our derivation subnetworks' outputs have "
        "noise of order kappa^2 at any width, which adds up (as the bound's second term, which "
        "lacks kappa^2), and independent masks leave filters out, for which the bound has no term. "
        f"Measured over predicted: weights {_range(off['weights'], '.2f')}, outputs "
        f"{_range(off['outputs'], '.2f')} over all widths.",
    ]


def _opposite(slopes: pd.DataFrame) -> list[str]:
    """Describe the trends that are opposite to the bound, with the reason."""
    reasons: dict[str, list[str]] = {}
    for row in slopes[slopes["finding"].str.contains("opposite")].to_dict("records"):
        against = SWEEPS.get(row["against"], row["against"])
        trend = "grow" if row["slope"] > 0 else "fall"
        where = f"{MASKS[row['masks']]}, kappa {row['kappa']:g}"
        named = f"{row['term']} {trend} with {against} ({where})"
        reasons.setdefault(row["finding"].partition("; ")[2], []).append(named)
    return [
        f"* **Opposite to the bound**: {'; '.join(dict.fromkeys(named))}. The largest part "
        f"of the distance there is, by our derivation, that {reason}."
        for reason, named in reasons.items()
    ]


def _conditions(conditions: pd.DataFrame, cells: pd.DataFrame) -> list[str]:
    plain = cells[(cells["sweeps"] != "neighbourhood") & (cells["xi"] < 1)]
    needed = conditions["least_m"] / conditions["largest_m"]
    enough = "at least" if conditions["fall"].min() >= 10 else "NOT"
    beyond = (plain["bound_first"] > plain["movement"]).mean()
    return [
        "* **Conditions.** With hidden constants 1 and K = T the theorem asks for m of "
        f"{conditions['least_m'].min():.0e} or more, {needed.min():.0e} times the largest here: no "
        f"run can meet it. eta is {_range(plain['step'], 'g')} times lambda_0 / n^2; at infinite "
        f"width gradient descent is stable up to {conditions['stable_step'].min():.0f} times. Its "
        f"loss falls {conditions['fall'].min():.0f}-fold ({enough} tenfold) at the smallest width.",
        "* **Size.** The left-hand side is "
        f"{_range(plain['bound_ratio'], '.0e')} of the bound (constants 1), whose first term "
        f"exceeds gradient descent's own squared movement in {beyond:.0%} of cells.",
    ]


def _neighbourhood(table: pd.DataFrame) -> str:
    """Describe the size of the neighbourhood and its dependence on the width."""
    parts = []
    for masks, own in table.groupby("masks", sort=False):
        key = ["source", "kappa", "step"]
        narrow = own[own["m"] == own["m"].min()].set_index(key)["measured"]
        wide = own[own["m"] == own["m"].max()].set_index(key)["measured"]
        parts.append(
            f"{MASKS[str(masks)]} {_range(own['ratio'], '.2f')}, with a loss "
            f"{_range(narrow / wide, '.0f')} times smaller at m = {own['m'].max()} than at "
            f"{own['m'].min()}"
        )
    return (
        f"* **Neighbourhood**, at {_range(table['step'], 'g')} times lambda_0 / n^2, where LoFT "
        f"converges too (largest last loss {table['measured'].max():.2g}). Corollary 1's formula "
        "is lost in the paper's text; measured over our own prediction of the last loss: "
        f"{'; '.join(parts)}."
    )


def _range(values: pd.Series, form: str) -> str:
    least, most = f"{values.min():{form}}", f"{values.max():{form}}"
    return least if least == most else f"{least} to {most}"
