"""A run is planned without being started, as text or as JSON, or one line says why it is not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from loft.cli import main
from loft.core.errors import UserError
from loft.run import read
from loft.tickets.planning import plan, speed
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.run import Run
from tests.conftest import ROOT, write_params

PARAMS = [
    path for path in sorted((ROOT / "params").glob("*.yaml")) if "tickets" in read(path).studies
]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["plan", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "params",
    [
        pytest.param(
            path, id=path.stem, marks=[pytest.mark.slow] if path.stem == "cifar100" else []
        )
        for path in PARAMS
    ],
)
def test_every_run_is_planned_without_data(
    params: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(speed, "measure", None)  # nothing is timed
    found = json.loads(printed(capsys, "--params", str(params), "--tflops", "100", "--json"))
    run = read(params)
    assert found["totals"]["device_seconds"] > 0
    cells = {job["cell"] for job in found["jobs"]}
    assert cells == {*(cell.name for cell in run.cells), *run.controls, UNPRUNED}
    assert not [*tmp_path.iterdir()]


def test_the_text_says_what_was_measured_and_what_is_shared(
    tmp_path: Path, tiny: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    params = str(write_params(tmp_path / "tiny.yaml", tiny))
    text = printed(capsys, "--params", params, "--budget", "1m")
    assert re.search(r"Measured.*\n  preresnet18 +batch 32 ", text)
    for part in ("Assumed:", "gpipe-4*", "gpipe-4 has gpipe-2's networks", "Total, 1 seed"):
        assert part in text
    assert "A device: a CPU" in text or torch.cuda.is_available()
    assert "Budget: 1 min" in text
    poor = printed(capsys, "--params", params, "--tflops", "1e-6", "--budget", "1m")
    assert "not even the smallest question fits: it needs" in poor
    assert "Measured" not in poor


@pytest.mark.parametrize(
    ("option", "value"), [("--budget", "20"), ("--tflops", "fast"), ("--tflops", "-1")]
)
def test_a_number_that_cannot_be_read(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    params = str(ROOT / "params" / "digits.yaml")
    assert main(["plan", "--params", params, f"{option}={value}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"loft: {option}: found '{value}'; expected ")


def test_a_run_without_this_study(run: Run) -> None:
    other = run.model_copy(update={"studies": ["soda"]})
    with pytest.raises(UserError, match=r"studies: found \['soda'\]; expected 'tickets' among"):
        plan.run(other, "1", None, as_json=False)


def test_json_has_the_choice(
    tmp_path: Path, tiny: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(plan.run(Run.model_validate(tiny), "1", "1d", as_json=True))
    assert found["budget"]["cells"][0] == "dense"
    assert found["budget"]["changes"] == {}
