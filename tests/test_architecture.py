"""The project's own rules, held against its files."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from loft.modules import MODULES
from tests.conftest import ROOT

SOURCE = ROOT / "src" / "loft"
STUDIES = ["tickets", "theorem1", "soda", "diversity"]
FILES = sorted(SOURCE.rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def importers(package: str) -> set[str]:
    return {
        path.relative_to(SOURCE).as_posix()
        for path in FILES
        if any(name == package or name.startswith(f"{package}.") for name in imports(path))
    }


@pytest.mark.parametrize("study", STUDIES)
def test_the_shared_core_and_other_studies_do_not_import_a_study(study: str) -> None:
    allowed = {"cli.py"}
    outside = {p for p in importers(f"loft.{study}") if not p.startswith(f"{study}/")}
    assert outside <= allowed


def test_each_tool_has_one_door() -> None:
    assert importers("mlflow") == {"core/tracking.py"}
    assert importers("safetensors") == {"core/checkpoint.py"}
    assert importers("matplotlib") == {"core/plotting.py"}
    carriers = importers("torch.distributed")
    core = {"core/launch.py", "core/pipeline.py", "core/workers.py"}
    assert carriers == {*core, "tickets/methods/gpipe.py"}  # GPipe: torch's schedule alone


def test_nothing_is_unpickled() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"torch\.load|import pickle|allow_pickle", text), path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or not path.read_text()


METHODS = ["dense", "gpipe", "local_sgd", "loft"]
CRITERIA = ["l2", "random"]
KINDS = ["images", "folders"]  # of data
STEPS = ["pretrain", "prune", "finetune", "distance", "table", "comm", "figures", "diary"]


@pytest.mark.parametrize("step", ["data", *STEPS, *KINDS, *METHODS, *CRITERIA])
def test_a_steps_list_of_modules_is_what_it_loads(step: str) -> None:
    """So that editing a module reruns the steps that use it, and no others."""
    listed = set(MODULES[step])
    names = [f"loft.tickets.stages.{step}"]
    if step == "data":
        names = ["loft.core.sources"]
    elif step in KINDS:
        names = ["loft.tickets.stages.pretrain", f"loft.core.{step}"]
        listed |= set(MODULES["pretrain"])
    elif step in METHODS:
        names = ["loft.tickets.stages.pretrain", f"loft.tickets.methods.{step}"]
        listed |= set(MODULES["pretrain"])
    elif step in CRITERIA:
        names = ["loft.tickets.stages.prune", f"loft.tickets.criteria.{step}"]
        listed |= set(MODULES["prune"])
    script = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('loft')))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = {
        Path(file).relative_to(SOURCE).as_posix()
        for file in printed.stdout.split()
        if Path(file).read_text(encoding="utf-8").count("\n") > 1  # a docstring alone is no code
    }
    assert loaded == listed


def test_help_is_light() -> None:
    script = "import sys, loft.cli; print(*[m for m in sys.modules if m in {'torch', 'mlflow'}])"
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert printed.stdout.strip() == ""


def test_the_documents_show_the_committed_tables() -> None:
    command = [sys.executable, "docs/fill_tables.py", "--check"]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 0


def test_every_path_that_the_readme_names_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|params|workflow|profiles|tests|docs|results)/[\w./-]*)`", readme)
    named += re.findall(r"\]\(([\w./-]+)\)", readme)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
