"""Which operations of a training step give other bits the second time, on this device.

    python -m benchmarks.determinism

Every suspect is given the same input again and again: the batch that is cut out of the images,
every convolution forward, by input and by weight, BatchNorm, the pooling mean, the classifier, the
loss, the update, and whole steps from the same start. Shapes are those of the default run's network
(width 4, images of 12 pixels) and of the paper's (width 64, 32 pixels). Then whole pretrainings run
in processes of their own, all at once. A line says what differed; the last ones sum up.
"""

import argparse
import copy
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.training import SGD
from loft.core.config import ComputeSettings
from loft.core.data import write
from loft.core.images import Images
from loft.core.kinds import PaddedCrop
from loft.core.training import CUBLAS, Learner, precision_context, prepare, settle
from loft.models.build import build

DEVICE = "cuda:0" if torch.cuda.is_available() else "cpu"
TIMES = 20
os.environ.setdefault(*CUBLAS)  # torch looks at it once, when cuBLAS is first used
SHAPES = {  # width, channels, size, batch
    "digits": (4, 1, 12, 64),
    "digits, a LoFT-2 worker": (4, 1, 12, 64),
    "paper": (64, 3, 32, 128),
}
Case = tuple[str, Callable[[], list[Tensor]]]


def network(name: str) -> nn.Sequential:
    """Build a case's network; LoFT-2's has half the filters in the partitioned blocks."""
    width, channels, size, _ = SHAPES[name]
    halves = {"layer2.1": width, "layer3.1": 2 * width, "layer4.1": 4 * width}
    filters = halves if "LoFT" in name else None
    return build(
        "preresnet18", width, channels=channels, size=size, classes=10, filters=filters, seed=0
    )


def images(name: str, count: int = 1024) -> Images:
    """Draw images of a case's shape: noisy patterns."""
    _, channels, size, _ = SHAPES[name]
    random = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 10, (count,), generator=random)
    patterns = torch.randint(0, 150, (10, channels, size, size), generator=random)
    noise = torch.randint(0, 106, (count, channels, size, size), generator=random)
    pixels = (patterns[labels] + noise).to(torch.uint8)
    return Images("noise", 10, pixels, labels, pixels[:100], labels[:100])


def same(call: Callable[[], list[Tensor]]) -> int:
    """Return how many of some calls gave other bits than the first."""
    first = [tensor.clone() for tensor in call()]
    return sum(
        not all(torch.equal(one, other) for one, other in zip(first, call(), strict=True))
        for _ in range(TIMES)
    )


def operations(name: str, precision: str) -> Iterator[Case]:
    """Yield the suspects of a network's step."""
    model = settle(network(name), compute(precision), DEVICE).train()
    source = images(name).batches(PaddedCrop(crop_padding=2, flip=True), SHAPES[name][3], DEVICE)
    yield "cutting a batch", lambda: [*next(source.epoch(0, 1, 0))]
    batch, labels = next(source.epoch(0, 1, 0))
    entered: dict[nn.Module, Tensor] = {}
    left: dict[nn.Module, Tensor] = {}

    def look(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        entered[module] = given[0].detach().clone()
        keep = lambda grad: left.__setitem__(module, grad.detach().clone())  # noqa: E731
        out.register_hook(keep)  # type: ignore[no-untyped-call]

    leaves = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d | nn.Linear)]
    hooks = [module.register_forward_hook(look) for module in leaves]
    with precision_context(precision, DEVICE):
        loss = F.cross_entropy(model(batch), labels)
    torch.autograd.backward(loss)
    for hook in hooks:
        hook.remove()
    paths = {module: path for path, module in model.named_modules()}
    for module in leaves:
        yield from of_layer(paths[module], module, entered[module], left[module], precision)
    features = torch.randn(SHAPES[name][3], 8 * SHAPES[name][0], 4, 4, device=DEVICE)
    features = features.to(memory_format=torch.channels_last)
    yield "the pooling mean", lambda: [features.mean((2, 3))]
    logits = torch.randn(len(labels), 10, device=DEVICE, requires_grad=True)

    def loss_again() -> list[Tensor]:
        out = F.cross_entropy(logits, labels)
        return [out.detach(), *torch.autograd.grad(out, logits)]

    yield "the loss", loss_again


def of_layer(
    path: str, module: nn.Module, entered: Tensor, left: Tensor, precision: str
) -> Iterator[Case]:
    """Yield a layer's forward pass and its gradients, by input and by weight."""
    weights = [*module.parameters()]
    x = entered.requires_grad_(entered.is_floating_point())

    def forward() -> Tensor:
        with precision_context(precision, DEVICE):
            out: Tensor = module(x)
        return out

    def gradients() -> list[Tensor]:
        out = forward()
        return [*torch.autograd.grad(out, [x, *weights], left.to(out.dtype))]

    shape = f"{path} {type(module).__name__} {[*entered.shape]}"
    if isinstance(module, nn.Conv2d):
        shape += f" -> {module.out_channels}, {module.kernel_size[0]}x{module.kernel_size[0]}"
        shape += f" stride {module.stride[0]}"
    yield f"{shape} forward", lambda: [forward().detach()]
    yield f"{shape} gradient by input", lambda: gradients()[:1]
    yield f"{shape} gradient by weights", lambda: gradients()[1:]


def compute(precision: str, captured: bool = False) -> ComputeSettings:
    """Return settings of this precision."""
    given = {"threads": 1, "precision": precision, "channels_last": True, "compiled": False}
    return ComputeSettings.model_validate({**given, "captured": captured})


def training_steps(name: str, precision: str, captured: bool, count: int) -> list[Tensor]:
    """Take steps from the same start; return all tensors of the network."""
    learner = Learner(copy.deepcopy(network(name)), SGD, compute(precision, captured), DEVICE)
    source = images(name).batches(PaddedCrop(crop_padding=2, flip=True), SHAPES[name][3], DEVICE)
    taken = 0
    for epoch in range(1, 100):
        for batch, labels in source.epoch(0, epoch, 0):
            learner.step(batch, labels, 0.05)
            taken += 1
            if taken == count:
                return [tensor.clone() for tensor in learner.state().values()]
    raise AssertionError


def probe(name: str, precision: str) -> int:
    """Say which operations of a network differ; return how many."""
    found = 0
    for what, call in operations(name, precision):
        if times := same(call):
            found += 1
            print(f"DIFFERS {times} of {TIMES}: {name}, {precision}: {what}", flush=True)
    for captured in (False, True):
        for count in (1, 10, 50):
            runs = [training_steps(name, precision, captured, count) for _ in range(3)]
            alike = all(
                torch.equal(one, other)
                for run in runs[1:]
                for one, other in zip(runs[0], run, strict=True)
            )
            how = "captured" if captured else "as they come"
            if not alike:
                found += 1
                print(f"DIFFERS: {name}, {precision}: {count} steps {how}, from the same start")
    return found


WHOLE = """
import json, sys
from pathlib import Path
from loft.tickets.jobs import PretrainJob
from loft.tickets.stages import pretrain
settings, data, out = sys.argv[1:]
out = Path(out)
pretrain.run(PretrainJob.parse(settings), Path(data), out, out / "metrics.jsonl")
"""


def whole_runs(folder: Path, times: int) -> None:
    """Say whether whole pretrainings, each in a process of its own, all at once, end alike."""
    from loft.tickets.config import Run
    from tests.conftest import TINY

    data = folder / "images.safetensors"
    write(images("digits"), data)
    values = {**TINY, "augment": {"crop_padding": 1, "flip": False}}
    run = Run.model_validate(values)
    environment = {name: value for name, value in os.environ.items() if name != CUBLAS[0]}
    started: dict[tuple[str, bool], list[tuple[subprocess.Popen[bytes], Path]]] = {}
    for cell in ("dense", "loft-2"):
        for deterministic in (False, True):
            given = run.pretrain_job("preresnet18", cell, 0)
            own = given.compute.model_copy(update={"deterministic": deterministic})
            text = given.model_copy(update={"compute": own}).dump()
            for number in range(times):
                out = folder / f"{cell}-{deterministic}-{number}"
                out.mkdir()
                command = [sys.executable, "-c", WHOLE, text, str(data), str(out)]
                process = subprocess.Popen(command, env=environment)
                started.setdefault((cell, deterministic), []).append((process, out))
    for (cell, deterministic), processes in started.items():
        status = [process.wait() for process, _ in processes]
        digests = [digest(out) for _, out in processes]
        how = "deterministic" if deterministic else "default"
        said = "same bits" if len(set(digests)) == 1 else f"{len(set(digests))} different results"
        print(f"{times} processes, {cell}, {how}: {said} (status {status})", flush=True)


def digest(folder: Path) -> str:
    """Return a digest of all weights and norms in a folder."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        found.update(path.read_bytes())
    return found.hexdigest()


def main() -> None:
    """Probe every network, first as it is, then with deterministic algorithms."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=3, help="whole runs of each kind")
    given = parser.parse_args()
    print(f"device {DEVICE}, torch {torch.__version__}")
    for deterministic in (False, True):
        settings = compute("float32").model_copy(update={"deterministic": deterministic})
        prepare(settings, DEVICE)
        for name in SHAPES:
            for precision in ("float32", "bfloat16"):
                how = "deterministic" if deterministic else "default"
                try:
                    found = probe(name, precision)
                except RuntimeError as error:
                    print(f"FAILED: {name}, {precision}, {how}: {str(error).splitlines()[0]}")
                    continue
                print(f"{name}, {precision}, {how} algorithms: {found} differ", flush=True)
    if given.processes:
        with tempfile.TemporaryDirectory() as folder:
            whole_runs(Path(folder), given.processes)


if __name__ == "__main__":
    main()
