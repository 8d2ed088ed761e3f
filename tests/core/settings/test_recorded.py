"""The record of a run's settings among its results."""

import json
from pathlib import Path

import pytest
import yaml

from loft.core.errors import UserError
from loft.core.settings.recorded import record
from loft.run import read
from tests.conftest import ROOT

COMMITTED = sorted(path.parent.name for path in ROOT.glob("results/*/params.yaml"))


@pytest.mark.parametrize("name", COMMITTED)
def test_the_committed_records_are_those_of_the_params_files(name: str, tmp_path: Path) -> None:
    run = read(ROOT / "params" / f"{name}.yaml")
    record(run.dump(), tmp_path / "params.yaml")
    made = (tmp_path / "params.yaml").read_bytes()
    assert made == (ROOT / "results" / name / "params.yaml").read_bytes()
    assert type(run).parse(json.dumps(yaml.safe_load(made))) == run


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    for text in ("{", "[]"):
        with pytest.raises(UserError, match=r"^--settings: found"):
            record(text, tmp_path / "params.yaml")
    assert not [*tmp_path.iterdir()]
