"""The steps of the tickets study and their options."""

import pytest

from tests.cli.conftest import Options

STEPS = {
    "pretrain": "--settings --data --out --metrics --work --loaders --turns",
    "updates": "--settings --data --pretrained --metrics",
    "prune": "--settings --pretrained",
    "control": "--settings --pretrained --out",
    "finetune": "--settings --data --pretrained --norms --metrics --work --loaders",
    "distance": "--settings --norms --pretrained --metrics",
    "table": "--settings --metrics --out --summary",
    "figures": "--settings --pairs --tables --processes",
    "comm": "--csv",
    "plan": "--params --tflops --budget --json --power --deviation --from --difference",
    "diary": "--metrics --experiment --database",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_its_options(options: Options, step: str) -> None:
    assert options(step) == {*STEPS[step].split()}
