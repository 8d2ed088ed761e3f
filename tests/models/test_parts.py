"""Shortcuts are strided 1x1 convolutions, with right numbers on every processor.

`tests/models/kernels.py` holds the convolutions of networks against float64, in processes whose
libraries may use the instructions of older processors alone.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from loft.core.training.processor import layers
from loft.models import NETWORKS
from loft.models.build import build
from loft.models.parts import Shortcut
from loft.tickets.run.run import Run
from tests.conftest import ROOT, loft

X86 = platform.machine() in ("x86_64", "AMD64")
SETS = ["ALL", *(["AVX2", "SSE41"] if X86 else [])]  # of instructions; others know no such names
FEW: dict[str, Any] = {
    "names": ["preresnet18"],
    "widths": [3, 8],
    "sizes": [8, 48],
    "batches": [2, 32],
    "work": 2**20,
    "threads": [1],
    "precisions": ["float32"],
}
ALL: dict[str, Any] = {
    "names": ["preresnet18", "resnet18", "wideresnet18"],
    "sizes": [8, 12, 32, 48, 64, 224],
    "batches": [1, 32],
    "work": 2**21,
    "threads": [2],
    "precisions": ["float32", "bfloat16"],
}
SHAPE: dict[str, Any] = {"channels": 3, "size": 32, "classes": 10}


def limited(instructions: str) -> dict[str, str]:
    """The environment of a process on an older processor, as far as libraries know."""
    limits = {"ONEDNN_MAX_CPU_ISA": instructions, "OMP_WAIT_POLICY": "passive"}
    return {**os.environ, **limits, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}


def kernels(instructions: str, given: dict[str, Any]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.models.kernels", json.dumps(given)],
        env=limited(instructions),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(" kinds, 0 wrong\n")


@pytest.mark.parametrize("instructions", SETS[:2])
def test_convolutions_are_right(instructions: str) -> None:
    kernels(instructions, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("instructions", SETS)
@pytest.mark.parametrize("first", range(1, 9))
def test_every_convolution_of_every_network_is_right(instructions: str, first: int) -> None:
    """At widths 1 to 64, and of narrowed networks; in bfloat16 where processors have it."""
    own = {} if instructions == "ALL" else {"precisions": ["float32"]}
    kernels(instructions, {**ALL, **own, "widths": [*range(first, 65, 8)]})


@pytest.mark.parametrize("name", [name for name in NETWORKS if name not in ALL["names"]])
def test_deeper_networks_have_the_same_convolutions(name: str) -> None:
    own: dict[str, Any] = {"widening": 2} if name.startswith("wide") else {}
    deep, flat = (
        {str(layer) for layer in layers([build(n, 4, **SHAPE, **own)], (3, 32, 32))}
        for n in (name, name.replace("34", "18"))
    )
    assert deep == flat


@pytest.mark.parametrize("instructions", SETS[1:2])
def test_a_training_goes_to_its_end_on_an_older_processor(
    instructions: str, run: Run, images_file: Path, tmp_path: Path
) -> None:
    job = run.pretrain_job("preresnet18", "dense", 0)
    paths = {"data": images_file, "out": tmp_path, "metrics": tmp_path / "metrics.jsonl"}
    given = [text for name, path in paths.items() for text in (f"--{name}", str(path))]
    done = loft("pretrain", "--settings", job.dump(), *given, env=limited(instructions))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in paths["metrics"].read_text().splitlines()]
    epochs = [line for line in lines if line["kind"] == "epoch"]
    assert [line["epoch"] for line in epochs] == [1, 2]
    assert epochs[1]["loss"] < epochs[0]["loss"]


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("size", [1, 4, 7])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_a_shortcut_is_a_strided_convolution(
    step: int, size: int, layout: torch.memory_format
) -> None:
    torch.manual_seed(0)
    ours = Shortcut(3, 5, step).double().to(memory_format=layout)
    plain = nn.Conv2d(3, 5, 1, stride=step, bias=False).double()
    plain.load_state_dict(ours.state_dict())
    x = torch.randn(2, 3, size, size, dtype=torch.float64).to(memory_format=layout)
    found = []
    for layer in (ours, plain):
        own = x.clone().requires_grad_()
        with FlopCounterMode(display=False) as counter:
            y = layer(own)
            y.square().sum().backward()
        found.append((y, own.grad, layer.weight.grad, torch.tensor(counter.get_total_flops())))
    for one, other in zip(*found, strict=True):
        assert one is not None
        assert other is not None
        assert torch.allclose(one, other, rtol=1e-12, atol=1e-12)
    assert found[0][1] is not None
    assert found[0][1].is_contiguous(memory_format=layout)
