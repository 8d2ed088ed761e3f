"""A new figure is one file: the graph plans it, the step draws it, the report describes it."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, TINY, write_params
from tests.project import copy_to, python, snakemake
from tests.tickets.report.figures.made_up import pairs

NEW = '''"""How many tickets stopped pretraining would have had."""

from pathlib import Path

import pandas as pd

from loft.core.reporting.figure_style import panels

TITLE = "When to stop"
CAPTION = "The epoch after which each rule would have stopped."


def draw(paths: list[Path], stopping: pd.DataFrame) -> None:
    """Draw a mark for each pretraining."""
    with panels(paths, 1, 1, width=3, height=3) as (axes,):
        axes.plot(stopping["epochs"], stopping["epoch"], "o")
        axes.set(xlabel="epochs", ylabel="stopped after", title="when to stop")
'''


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with one file more."""
    folder = copy_to(tmp_path_factory.mktemp("figure"))
    write_params(folder / "params" / "tiny.yaml", TINY)
    new = folder / "src/loft/tickets/report/figures/when_to_stop.py"
    new.write_text(NEW, encoding="utf-8")
    return folder


def test_the_graph_plans_it(extended: Path) -> None:
    wanted = "results/tiny/tickets/when-to-stop.png"
    given = [wanted, "-n", "--quiet", "host", "--configfile", "params/tiny.yaml"]
    done = snakemake(extended, *given)
    assert done.returncode == 0, done.stderr[-4000:]
    said = done.stdout + done.stderr
    (rule,) = (part for part in said.split("\nrule ") if part.startswith("figures:"))
    inputs, _, outputs = rule.partition("output: ")
    assert wanted in outputs
    assert "results/tiny/tickets/stopping.csv" in inputs
    assert "src/loft/tickets/report/figures/when_to_stop.py" in inputs
    (caption,) = (extended / "work" / "captions").glob("*.when_to_stop.rst")
    assert caption.read_text(encoding="utf-8").startswith("The epoch after which")


def test_the_step_draws_what_is_in_the_folder(extended: Path, tmp_path: Path) -> None:
    """The new figure alone, once the others' files are gone."""
    for path in (extended / "src/loft/tickets/report/figures").glob("[a-z]*.py"):
        if path.stem != "when_to_stop":
            path.unlink()
    shutil.copy(ROOT / "results" / "digits" / "tickets" / "stopping.csv", tmp_path)
    given = ["--settings", '{"cells": ["loft-2"]}', "--tables", str(tmp_path)]
    given += ["--pairs", *map(str, pairs(tmp_path))]
    python(extended, "-m", "loft", "figures", *given)
    assert {path.name for path in tmp_path.glob("*.*g")} == {"when-to-stop.svg", "when-to-stop.png"}
    assert b"when to stop" in (tmp_path / "when-to-stop.svg").read_bytes()
    assert (tmp_path / "when-to-stop.png").read_bytes().startswith(b"\x89PNG")
