"""A run that is made seed by seed is printed from the seeds that are there."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from loft.core.errors import UserError
from loft.run import read
from loft.tickets.results.paths import Paths
from loft.tickets.run.files import Files
from loft.tickets.run.reprint import reprint
from tests.conftest import ROOT


def test_seeds_without_all_their_lines_are_left_out_and_named(tmp_path: Path) -> None:
    run = read(ROOT / "params" / "digits-seeds.yaml")
    committed = ROOT / "results" / "digits-seeds"
    for seed in (1, 3):
        for path in Files(run, Paths(committed), [seed]).lines:
            to = tmp_path / path.relative_to(committed)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
    Files(run, Paths(tmp_path), [3]).lines[0].unlink()
    made = reprint(run, tmp_path)
    assert made.missing == [0, 2, 3, 4]
    assert made.left == ["figure1", "figure1-layers"]  # they need more than lines
    table = pd.read_csv(tmp_path / "tickets" / "table1.csv")
    assert set(table["seeds"]) == {1}


def test_a_run_without_any_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"metrics\.jsonl"):
        reprint(read(ROOT / "params" / "digits-seeds.yaml"), tmp_path)
