"""What `loft params` prints: every key, explained, and a params file of the same meaning."""

from pathlib import Path

import pytest
import yaml

from loft.core.settings.params_text import commented, path_of
from loft.run import check, read
from tests.conftest import ROOT, loft

RUNS = sorted((ROOT / "params").glob("*.yaml"))


@pytest.mark.parametrize("params", RUNS, ids=lambda path: path.stem)
def test_what_is_printed_reads_as_the_same_run(params: Path) -> None:
    run = read(params)
    text = commented(run)
    assert check(yaml.safe_load(text), "printed") == run
    assert commented(check(yaml.safe_load(text), "printed")) == text


def test_a_comment_says_meaning_unit_source_and_a_default_that_differs() -> None:
    said = loft("params", "digits", cwd=ROOT)
    assert said.returncode == 0
    lines = [" ".join(line.split()) for line in said.stdout.splitlines()]
    assert "epochs: 6 # length of pretraining [epochs] (paper, section 6); default 20" in lines
    assert "nesterov: true # whether the momentum is Nesterov's (ours)" in lines


def test_a_run_is_named_or_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert path_of("digits") == Path("params/digits.yaml")
    assert path_of("params/digits.yaml") == Path("params/digits.yaml")
    missing = loft("params", "digit", cwd=tmp_path)
    assert (missing.returncode, missing.stderr) == (2, "loft: digit: no such params file\n")
