"""A processor that computes a layer wrongly is refused before anything is trained on it."""

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from loft.core.errors import JobError, UserError
from loft.core.settings.shared import ComputeSettings
from loft.core.training import processor
from loft.core.training.learner import Learner
from loft.core.training.processor import TOLERANCE, check_processor, deviations, layers
from loft.models.build import build
from tests.core.training.test_learner import COMPUTE, SGD

IMAGE = (3, 8, 8)


class Faulty(nn.Conv2d):
    """A convolution with a fault in its float32 kernel for channels-last, where it is trained."""

    def __init__(self, fault: Callable[[Tensor], Tensor]) -> None:
        super().__init__(3, 4, 3)
        self.fault = fault

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        last = x.is_contiguous(memory_format=torch.channels_last)
        return self.fault(y) if last and y.requires_grad and x.dtype == torch.float32 else y


def wrong_output(y: Tensor) -> Tensor:
    return y * 1.01


def wrong_gradient(y: Tensor) -> Tensor:
    return y.detach() + 2 * (y - y.detach())


def no_number(y: Tensor) -> Tensor:
    return y / 0


def end(y: Tensor) -> Tensor:
    os.kill(os.getpid(), signal.SIGSEGV)
    return y


def no_room(y: Tensor) -> Tensor:
    resource.setrlimit(resource.RLIMIT_DATA, (1, resource.RLIM_INFINITY))  # of the fork alone
    return y + torch.empty(2**28)


def hang(y: Tensor) -> Tensor:
    signal.pause()
    return y


LAYER = "Faulty(3, 4, kernel_size=(3, 3), stride=(1, 1)) on 3x8x8"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (wrong_output, f"the output of {LAYER} is off by 1 % of the largest number"),
        (wrong_gradient, f"the gradient of the input of {LAYER} is off by 100 %"),
        (no_number, f"the output of {LAYER} is off by inf %"),
        (end, f"{LAYER} ends with SIGSEGV"),
        (hang, f"{LAYER} does not end"),
    ],
)
def test_what_is_wrong_and_what_is_right_is_said(
    fault: Callable[[Tensor], Tensor], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault is hang:
        monkeypatch.setattr(processor, "SECONDS", 1)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "ALL")
    with pytest.raises(UserError) as raised:
        check_processor([nn.Sequential(Faulty(fault))], IMAGE, COMPUTE)
    said = str(raised.value)
    assert said.startswith("compute: found channels_last: true, precision: float32; with torch ")
    assert "ONEDNN_MAX_CPU_ISA=ALL) " in said
    assert expected in said
    assert said.endswith("; expected compute.channels_last: false, which is right here")
    assert "\n" not in said


def test_a_lack_of_memory_is_no_fault_of_the_processor() -> None:
    line = r"^check of the processor: out of memory: 1073741824 bytes more were asked for; lower"
    with pytest.raises(JobError, match=line):
        check_processor([nn.Sequential(Faulty(no_room))], IMAGE, COMPUTE)


def test_the_room_for_a_check_follows_from_the_largest_network_and_layer() -> None:
    """All of the network in float32, and six float64 copies of its largest layer, by hand."""
    small, large = nn.Linear(2, 3), nn.Sequential(nn.Linear(4, 10), nn.Linear(10, 1))
    expected = 2**26 + 4 * (40 + 10 + 10 + 1) + 6 * 8 * 40
    assert processor._room([small, large]) == processor._room([large]) == expected


def test_locks_are_not_held_on(tmp_path: Path) -> None:
    """Else a job that was killed while its processor is checked would find itself at work."""
    with (tmp_path / "lock").open("w") as lock:

        def look(y: Tensor) -> Tensor:
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(lock.fileno())
            return y

        check_processor([nn.Sequential(Faulty(look))], IMAGE, COMPUTE)


def test_where_no_setting_helps_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TOLERANCE, "float32", -1.0)
    with pytest.raises(UserError, match=r"expected another processor or build of torch$"):
        check_processor([nn.Linear(2, 3)], (2,), COMPUTE)


@pytest.mark.parametrize(
    ("precision", "channels_last", "threads"),
    [("float32", True, 1), ("float32", True, 2), ("bfloat16", True, 1), ("float32", False, 1)],
)
def test_a_network_is_trusted_and_stays_as_it_was(
    precision: str, channels_last: bool, threads: int
) -> None:
    """With threads of its own, also where this process has used some."""
    compute = ComputeSettings.model_validate(
        {**COMPUTE.model_dump(), "precision": precision, "channels_last": channels_last}
        | {"threads": threads}
    )
    torch.set_num_threads(threads)
    network = build("preresnet18", 4, channels=3, size=8, classes=10, seed=0)
    network(torch.randn(64, *IMAGE))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    check_processor([network, build("resnet18", 3, channels=3, size=8, classes=10)], IMAGE, compute)
    torch.set_num_threads(1)
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())


def test_every_kind_of_layer_is_held_against_float64_once() -> None:
    network = build("resnet18", 4, channels=3, size=32, classes=10)
    found = layers([network, network], (3, 32, 32))
    names = [str(layer) for layer in found]
    assert len(names) == len({*names}) == 12  # a stem, four groups, two strides of each kind, head
    assert (
        "Shortcut(4, 8, kernel_size=(1, 1), stride=(1, 1), bias=False, step=2) on 4x32x32" in names
    )
    stem = found[0]
    assert (stem.shape, stem.work) == ((3, 32, 32), 4 * 3 * 9 * 32 * 32)
    for layer in found:
        assert max(off for _, off in deviations(layer, layer.images, COMPUTE)) < 1e-5


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("channels_last", [True, False])
def test_all_layers_compute_in_the_layout_that_is_set(channels: int, channels_last: bool) -> None:
    """Whatever the layout of a batch; with one channel both look alike but for their strides."""
    network = build("preresnet18", 4, channels=channels, size=16, classes=10, seed=0)
    learner = Learner(
        network, SGD, COMPUTE.model_copy(update={"channels_last": channels_last}), "cpu"
    )
    seen = []
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(lambda _, __, y: seen.append(y.stride()[1] == 1))
    batch = torch.randn(8, 16, 16, channels).permute(0, 3, 1, 2)
    learner.step(batch, torch.zeros(8, dtype=torch.int64), 0.1)
    assert len(seen) == 20
    assert {*seen} == {channels_last}
