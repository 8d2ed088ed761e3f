"""Put the committed tables into README.md, between the markers that name them.

A block `<!-- table: results/digits/tickets/table1.md -->` ... `<!-- end -->` is filled with that
file. `python docs/fill_readme.py` writes, `--check` only says whether anything would change.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """Return the text with every block filled from the file it names."""

    def fill(block: re.Match[str]) -> str:
        table = (ROOT / block[2]).read_text(encoding="utf-8")
        return f"{block[1]}\n{table}\n{block[3]}"

    return BLOCK.sub(fill, text)


def main() -> int:
    """Fill README.md; with --check return 1 where it is not up to date."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if "--check" in sys.argv[1:]:
        return int(filled(text) != text)
    readme.write_text(filled(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
