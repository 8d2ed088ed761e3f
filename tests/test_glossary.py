"""The glossary names places that exist, and each term once."""

import re
from collections import Counter

from tests.conftest import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
TERMS, _, SYMBOLS = GLOSSARY.read_text(encoding="utf-8").partition("## Symbols")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TERMS.splitlines()
    if line.startswith("| ") and not line.startswith("| term")
]


def test_every_place_exists() -> None:
    places = [place for row in ROWS for place in re.findall(r"`([^`]+)`", row[2])]
    assert [place for place in places if not (ROOT / "src" / "loft" / place).exists()] == []


def test_every_term_stands_once_with_its_meaning_and_place() -> None:
    assert all(len(row) == 4 and all(row[:3]) for row in ROWS)
    terms = Counter(term for row in ROWS for term in row[0].split(", "))
    assert [term for term, count in terms.items() if count > 1] == []
    assert SYMBOLS
