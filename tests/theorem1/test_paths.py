"""Test the paths of this study's files."""

from pathlib import Path

from loft.theorem1.paths import Paths
from loft.theorem1.settings import Theorem1Settings

PATHS = Paths(Path("results/tiny"))


def test_each_kind_of_data_has_its_lines() -> None:
    synthetic, images = (
        Path(f"results/tiny/theorem1/metrics/{source}/metrics.jsonl")
        for source in ("synthetic", "images")
    )
    assert PATHS.all_lines(Theorem1Settings()) == [synthetic, images]
    assert PATHS.all_lines(Theorem1Settings(images=None)) == [synthetic]


def test_what_is_left_out_stays_a_wildcard() -> None:
    assert str(PATHS.lines()).format(source="images") == str(PATHS.lines("images"))
