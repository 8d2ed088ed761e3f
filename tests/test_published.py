"""What was timed is copied when a run is published, and put back where a clone has none."""

import subprocess
from pathlib import Path

import pytest

from loft import published
from loft.core.reporting.metrics import Journal
from loft.core.reporting.run_provenance import COPIES, NAME
from loft.diversity import paths as diversity
from loft.soda import paths as soda
from tests.conftest import ROOT

LINES = Path("diversity/metrics/dropconnect/metrics.jsonl")
TABLE = Path("diversity/dropconnect.csv")


def made(results: Path, said: str) -> None:
    Journal({"step": "dropconnect", "said": said}).write(results / LINES)
    (results / TABLE).write_text(said, encoding="utf-8")
    (results / "diversity" / "passes.csv").write_text(said, encoding="utf-8")


def test_times_are_copied_and_put_back(tmp_path: Path) -> None:
    made(tmp_path, "first")
    assert published.publish(tmp_path)
    copies = {path.relative_to(tmp_path / COPIES) for path in published.timed(tmp_path / COPIES)}
    assert copies == {LINES, TABLE}
    made(tmp_path, "second")
    published.put_back(tmp_path)
    assert (tmp_path / TABLE).read_text(encoding="utf-8") == "second"
    for name in (LINES, TABLE):
        (tmp_path / name).unlink()
    published.put_back(tmp_path)
    assert (tmp_path / TABLE).read_text(encoding="utf-8") == "first"
    assert "first" in (tmp_path / LINES).read_text(encoding="utf-8")


def test_what_was_published_stays_where_nothing_is_known(tmp_path: Path) -> None:
    made(tmp_path / COPIES, "first")
    assert not published.publish(tmp_path)
    assert not (tmp_path / NAME).exists()
    assert (tmp_path / COPIES / TABLE).exists()


def test_lines_with_times_are_where_the_studies_put_them() -> None:
    own, other = diversity.Paths(Path()), soda.Paths(Path())
    timed = {own.speedup("*"), own.dropconnect, other.processes_lines("*")}
    assert {Path(name) for name in published.TIMED if name.endswith(".jsonl")} == timed


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a download, not a clone")
def test_git_ignores_what_was_timed_and_keeps_the_copies() -> None:
    ignored = [pattern.replace("*", "x") for pattern in published.TIMED]
    assert not unknown_to_git([f"results/digits/{name}" for name in ignored])
    copies = [f"results/digits/{COPIES}/{name}" for name in ignored]
    assert unknown_to_git(copies) == copies


def unknown_to_git(paths: list[str]) -> list[str]:
    """Return those of the paths that no pattern of .gitignore is about."""
    command = ["git", "check-ignore", "--no-index", *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return [path for path in paths if path not in done.stdout.splitlines()]
