"""Put committed tables into the documents, between the markers that name them.

A block `<!-- table: results/digits/tickets/table1.md -->` ... `<!-- end -->` is filled with that
file, CSV and benchmarks as a Markdown table. `python docs/fill_tables.py` writes; with `--check` it
only says, by its exit status, whether anything would change.
"""

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCUMENTS = [f"docs/{name}.md" for name in ("results", "performance", "choices", "reliability")]
BLOCK = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(path: Path) -> str:
    """Return a table's Markdown."""
    if path.suffix == ".json":
        head, *rows = benchmarks(json.loads(path.read_text(encoding="utf-8")))
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
    else:
        return path.read_text(encoding="utf-8")
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def benchmarks(entries: list[dict[str, Any]]) -> list[list[str]]:
    """Return the rows of `results/benchmarks.json`."""
    rows = [["case", "median", "interval", "unit", "aim", "against"]]
    for entry in entries:
        interval = f"{entry['low']:g} to {entry['high']:g}"
        told = [entry[key] for key in ("unit", "target", "against")]
        rows.append([entry["case"], f"{entry['value']:g}", interval, *told])
    return rows


def filled(text: str) -> str:
    """Return the text with every block filled from the file it names."""
    return BLOCK.sub(lambda block: f"{block[1]}\n{table(ROOT / block[2])}\n{block[3]}", text)


def main() -> int:
    """Fill the documents; with --check return 1 where one is not up to date."""
    stale = 0
    for name in DOCUMENTS:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        if filled(text) != text:
            stale = 1
            if "--check" not in sys.argv[1:]:
                path.write_text(filled(text), encoding="utf-8")
    return stale if "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
