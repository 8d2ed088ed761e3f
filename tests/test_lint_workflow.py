"""Every rule says what a scheduler and a reader need to know."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

from tests.conftest import ROOT
from tests.lint_workflow import lacking

WHOLE: dict[str, Any] = {
    "name": "pretrain",
    "docstring": "Pretrain.\n\nReads images; writes norms.",
    "shellcmd": "python -m loft pretrain",
    "log": ["pretrain.log"],
    "benchmark": "pretrain.tsv",
    "resources": {"mem_mb": 1, "runtime": 1, "gpu": 0},
    "input": {"images": 0, "code": 0},
    "output": {"norms": 0},
}


def test_a_rule_that_says_everything_lacks_nothing() -> None:
    assert [*lacking([SimpleNamespace(**WHOLE)])] == []


def test_what_a_rule_lacks_is_named() -> None:
    changes: list[tuple[dict[str, Any], str]] = [
        ({"log": []}, "no log"),
        ({"benchmark": None}, "no benchmark"),
        ({"resources": {"mem_mb": 1, "gpu": 0}}, "no resource runtime"),
        ({"resources": {"mem_mb": 1, "runtime": 1}}, "no resource gpu"),
        ({"docstring": "Reads images."}, "its docstring does not name norms"),
    ]
    for change, fault in changes:
        found = [*lacking([SimpleNamespace(**(WHOLE | change))])]
        assert found == [f"rule pretrain: {fault}"]


def test_a_target_needs_a_docstring_alone() -> None:
    target = SimpleNamespace(name="all", docstring=None, shellcmd=None)
    assert [*lacking([target])] == ["rule all: no docstring"]


def test_the_rules_of_this_project_lack_nothing() -> None:
    code = "from tests.lint_workflow import lacking, read_rules\n"
    code += "print(*lacking(read_rules()), sep='\\n', end='')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-2000:]
