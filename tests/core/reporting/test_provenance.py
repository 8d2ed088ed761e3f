"""Provenance stands beside the lines, a line for a line, and says where each comes from."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from loft.core.reporting.metrics import Journal
from loft.core.reporting.provenance import NAME, began, beside, commit
from tests.conftest import ROOT


def test_each_line_is_about_one_of_the_metrics(tmp_path: Path) -> None:
    journal = Journal({"step": "test"}, device="cpu")
    journal.add("worker", {"pid": 12}, rank=0)
    metrics = tmp_path / "metrics.jsonl"
    journal.write(metrics)
    assert beside(metrics) == tmp_path / NAME
    first, second = map(json.loads, beside(metrics).read_text(encoding="utf-8").splitlines())
    assert (first["line"], first["kind"], first["device"]) == (1, "job", "cpu")
    assert {"commit", "date", "torch", "processor", "cores", "gpu"} <= first.keys()
    assert second.pop("seconds") >= 0
    assert second == {"line": 2, "kind": "worker", "pid": 12}


def test_the_same_facts_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        journal = Journal({"step": "test"}, device=name)
        journal.add("worker", {"pid": len(name)}, rank=0)
        journal.write(tmp_path / name / "metrics.jsonl")
    one, other = (tmp_path / name / "metrics.jsonl" for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()
    assert beside(one).read_bytes() != beside(other).read_bytes()


def test_a_journal_goes_on_with_what_varies(tmp_path: Path) -> None:
    journal = Journal({"step": "test"}, device="cpu")
    journal.add("worker", {"pid": 12}, rank=0)
    later = Journal({"step": "test"}, device="cuda")
    later.load_state(json.loads(json.dumps(journal.state())))
    later.write(tmp_path / "metrics.jsonl")
    first, second = map(json.loads, (tmp_path / NAME).read_text(encoding="utf-8").splitlines())
    assert (first["device"], second["pid"]) == ("cpu", 12)


def test_without_git_the_commit_is_unknown_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit() is None
    assert began()["commit"] is None
    (tmp_path / "git").write_text("", encoding="utf-8")  # one that cannot be started
    (tmp_path / "git").chmod(0o755)
    assert commit() is None


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_download_in_another_projects_repository_has_no_commit(tmp_path: Path) -> None:
    """Until that project takes it in."""
    folder = tmp_path / "download" / "loft"
    needed: tuple[str, ...] = ("errors", "files/__init__", "files/atomic", "reporting/__init__")
    needed += ("reporting/provenance", "processes/__init__", "processes/parent", "__init__")
    for name in ("__init__.py", *(f"core/{module}.py" for module in needed)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "src" / "loft" / name, folder / name)

    def git(*arguments: str) -> None:
        given = ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments]
        subprocess.run(given, cwd=tmp_path, check=True, capture_output=True)

    def said() -> str:
        command = [
            sys.executable,
            "-c",
            "from loft.core.reporting.provenance import commit; print(commit())",
        ]
        environment = {**os.environ, "PYTHONPATH": str(folder.parent)}
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "Another project")
    assert said() == "None"
    (tmp_path / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    git("add", "--all")
    git("commit", "-q", "-m", "With the download")
    assert re.fullmatch("[0-9a-f]{12}", said())
    with (folder / "core" / "errors.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert said().endswith("-dirty")
