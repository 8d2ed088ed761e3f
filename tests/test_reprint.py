"""Published tables and figures come again from committed lines, byte for byte, without training."""

import shutil
from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.core.reporting.run_provenance import COPIES
from loft.reprint import reprint
from tests.conftest import ROOT
from tests.project import committed

TABLES = {".csv", ".md", ".tex"}
UNPRINTED = {"comm.csv"}  # a prediction from shapes, of no run's lines
FIGURE1 = {f"tickets/figure1{part}.{form}" for part in ("", "-layers") for form in ("svg", "png")}


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the lines that are committed, and the one table that another run reads."""
    table = ROOT / "results" / "cifar10-quick" / "tickets" / "table1.csv"
    for path in [table, *ROOT.glob("results/*/**/metrics.jsonl")]:
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("run", "left"),
    [
        ("libsvm", set()),
        pytest.param("digits", FIGURE1, marks=pytest.mark.slow),
        pytest.param("digits-seeds", FIGURE1, marks=pytest.mark.slow),
        pytest.param("cifar10-quick", FIGURE1, marks=pytest.mark.slow),
    ],
)
def test_tables_and_figures_are_those_that_are_committed(
    published: Path, run: str, left: set[str]
) -> None:
    said = reprint(ROOT / "params" / f"{run}.yaml")
    assert said.startswith("nothing was trained: ")
    assert f"in results/{run}/**/metrics.jsonl" in said
    assert ("left as they are" in said) == bool(left)
    source = ROOT / "results" / run
    tables = [path for path in source.rglob("*") if path.suffix in TABLES]
    for path in {committed(path) for path in tables if path.name not in UNPRINTED}:
        below = path.relative_to(source / COPIES if COPIES in path.parts else source)
        assert (published / "results" / run / below).read_bytes() == path.read_bytes(), path
    copies = drawn(source / COPIES)
    assert drawn(published / "results" / run) == (drawn(source) | copies) - left
    for name in copies:
        made = published / "results" / run / name
        assert made.read_bytes() == (source / COPIES / name).read_bytes(), name


def drawn(results: Path) -> set[str]:
    found = {path.relative_to(results).as_posix() for path in results.glob("*/*.*")}
    return {name for name in found if Path(name).suffix in {".svg", ".png"}}


def test_a_run_without_lines_is_one_line(published: Path) -> None:
    with pytest.raises(UserError, match=r"results/cifar10/.*metrics\.jsonl: no such file"):
        reprint(ROOT / "params" / "cifar10.yaml")
    assert not (published / "results" / "cifar10").exists()
