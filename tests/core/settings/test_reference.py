"""`docs/params.md` lists every key of every study, as the schema has it."""

import subprocess
import sys

from loft.core.settings.lookup import load
from loft.core.settings.reference import markdown
from loft.run import STUDIES
from tests.conftest import ROOT


def test_the_reference_is_up_to_date() -> None:
    """`make docs` writes it."""
    command = [sys.executable, "docs/params_reference.py", "--check"]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 0


def test_a_line_says_all_of_a_key() -> None:
    text = markdown({"tickets": load(STUDIES["tickets"])})
    assert "### `pretrain.sgd`\n" in text
    assert "### `data` with `name: cifar10, cifar100`\n" in text
    line = "| `local_iterations` | integer > 0 | `25` | steps | decoded; 52 on ImageNet |"
    assert line in text
    assert "| `size` | integer >= 8, <= 64 | `12` | pixels |" in text
    assert "| `momentum` | `reset`, `local`, `carry` | `reset` |" in text
