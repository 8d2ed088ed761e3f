"""Find operations of a training step whose bits differ between two runs on this device.

    python -m benchmarks.determinism --algorithms default
    python -m benchmarks.determinism --algorithms deterministic

Runs each operation several times on the same input: cutting a batch out of the images, every
convolution (forward, gradient by input, gradient by weights), BatchNorm, the pooling mean, the
classifier, the loss, and whole steps from the same start, captured and not captured. Shapes are of
the default run's network (width 4, images of 12 pixels) and of the paper's (width 64, 32 pixels).
Meanwhile whole pretrainings run in processes of their own. A line names each operation that
differed, and for steps the first one that differed and its tensors; the last lines are a summary.

Each choice of algorithms needs a new process, because earlier algorithms leave their state.
"""

import argparse
import contextlib
import copy
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.training import SGD
from loft.core.data.dataset import write
from loft.core.data.resident_images import Images
from loft.core.data.settings import PaddedCrop
from loft.core.settings.shared import ComputeSettings
from loft.core.training.learner import Learner, configure_torch, move_to_device, precision_context
from loft.models.build import build

DEVICE = "cuda:0" if torch.cuda.is_available() else "cpu"
TIMES = 5
STEPS = 50
SHAPES = {  # width, channels, size, batch
    "digits": (4, 1, 12, 64),
    "digits, a LoFT-2 worker": (4, 1, 12, 64),
    "paper": (64, 3, 32, 128),
}
Case = tuple[str, Callable[[], list[Tensor]]]


def network(name: str) -> nn.Sequential:
    """Build a case's network; a LoFT-2 worker has half the filters in the partitioned blocks."""
    width, channels, size, _ = SHAPES[name]
    halves = {"layer2.1": width, "layer3.1": 2 * width, "layer4.1": 4 * width}
    filters = halves if "LoFT" in name else None
    return build(
        "preresnet18", width, channels=channels, size=size, classes=10, filters=filters, seed=0
    )


def images(name: str, count: int = 1024) -> Images:
    """Draw noisy patterns as images of a case's shape."""
    _, channels, size, _ = SHAPES[name]
    random = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 10, (count,), generator=random)
    patterns = torch.randint(0, 150, (10, channels, size, size), generator=random)
    noise = torch.randint(0, 106, (count, channels, size, size), generator=random)
    pixels = (patterns[labels] + noise).to(torch.uint8)
    return Images("noise", [*"0123456789"], pixels, labels, pixels[:100], labels[:100])


def same(call: Callable[[], list[Tensor]]) -> int:
    """Return how many of `TIMES` calls gave other bits than the first call."""
    first = [tensor.clone() for tensor in call()]
    return sum(
        not all(torch.equal(one, other) for one, other in zip(first, call(), strict=True))
        for _ in range(TIMES)
    )


def operations(name: str, precision: str) -> Iterator[Case]:
    """Yield the suspects of a network's step."""
    model = move_to_device(network(name), compute(precision), DEVICE).train()
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


Trace = list[dict[str, Tensor]]  # for each step, a checksum of each tensor


def training_steps(name: str, precision: str, captured: bool) -> Trace:
    """Take steps from the same start; return checksums of the tensors after each step."""
    learner = Learner(copy.deepcopy(network(name)), SGD, compute(precision, captured), DEVICE)
    source = images(name).batches(PaddedCrop(crop_padding=2, flip=True), SHAPES[name][3], DEVICE)
    taken: Trace = []
    for epoch in range(1, STEPS):
        for batch, labels in source.epoch(0, epoch, 0):
            learner.step(batch, labels, 0.05)
            taken.append({path: told(tensor) for path, tensor in learner.state().items()})
            if len(taken) == STEPS:
                return taken
    raise AssertionError


def told(tensor: Tensor) -> Tensor:
    """Return a checksum of a tensor's bits in integers, so the order of the sum does not matter."""
    bits = tensor.reshape(-1).view(torch.int32).long()
    return (bits * torch.arange(1, len(bits) + 1, device=bits.device)).sum()


def unlike(first: Trace, second: Trace) -> str:
    """Describe the first step at which two traces differ; "" if they are equal."""
    for step, (one, other) in enumerate(zip(first, second, strict=True), start=1):
        parted = [path for path in one if one[path] != other[path]]
        if parted:
            return f"step {step} is the first to differ, in {len(parted)}: {parted[:4]}"
    return ""


def probe(name: str, precision: str, runs: int) -> int:
    """Print the operations of a network that differ, and the runs of steps; return the count."""
    found = 0
    for what, call in operations(name, precision):
        if times := same(call):
            found += 1
            print(f"DIFFERS {times} of {TIMES}: {name}, {precision}: {what}", flush=True)
    for captured in (False, True):
        first, *others = [training_steps(name, precision, captured) for _ in range(runs)]
        how = f"{STEPS} steps {'captured' if captured else 'as they come'}, {runs} times"
        for text in filter(None, (unlike(first, other) for other in others)):
            found += 1
            print(f"DIFFERS: {name}, {precision}: {how}: {text}", flush=True)
    return found


WHOLE = """
import json, sys
from pathlib import Path
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining import pretrain
settings, data, out = sys.argv[1:]
out = Path(out)
pretrain.run(PretrainJob.parse(settings), Path(data), out, out / "metrics.jsonl")
"""


@contextlib.contextmanager
def whole_runs(folder: Path, times: int, deterministic: bool) -> Iterator[None]:
    """Pretrain in several processes during the `with` block; print whether their bits are equal."""
    from loft.tickets.run.run import Run
    from tests.conftest import TINY

    data = folder / "images.safetensors"
    write(images("digits"), data)
    run = Run.model_validate({**TINY, "augment": {"crop_padding": 1, "flip": False}})
    started: dict[str, list[tuple[subprocess.Popen[bytes], Path]]] = {}
    for cell in ("dense", "loft-2") if times else ():
        given = run.pretrain_job("preresnet18", cell, 0)
        own = given.compute.model_copy(update={"deterministic": deterministic})
        text = given.model_copy(update={"compute": own}).dump()
        for number in range(times):
            out = folder / f"{cell}-{number}"
            out.mkdir()
            command = [sys.executable, "-c", WHOLE, text, str(data), str(out)]
            process = subprocess.Popen(command, stderr=subprocess.PIPE)
            started.setdefault(cell, []).append((process, out))
    yield
    for cell, processes in started.items():
        errors = [process.communicate()[1].decode().strip() for process, _ in processes]
        status = [process.returncode for process, _ in processes]
        for error in [text for text, code in zip(errors, status, strict=True) if code]:
            print(f"FAILED: {cell}: {error.splitlines()[-1:]}", flush=True)
        digests = [digest(out) for _, out in processes]
        said = "same bits" if len(set(digests)) == 1 else f"{len(set(digests))} different results"
        print(f"{times} processes, {cell}: {said} (status {status})", flush=True)


def digest(folder: Path) -> str:
    """Return a digest of all weights and norms in a folder."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        found.update(path.read_bytes())
    return found.hexdigest()


def main() -> None:
    """Probe every network with one choice of algorithms."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--algorithms", choices=["default", "deterministic"], default="default")
    parser.add_argument("--processes", type=int, default=3, help="whole runs of each kind")
    given = parser.parse_args()
    deterministic = given.algorithms == "deterministic"
    print(f"device {DEVICE}, torch {torch.__version__}, {given.algorithms} algorithms")
    with (
        tempfile.TemporaryDirectory() as folder,
        whole_runs(Path(folder), given.processes, deterministic),
    ):
        settings = compute("float32").model_copy(update={"deterministic": deterministic})
        configure_torch(settings, DEVICE)
        for name in SHAPES:
            for precision in ("float32", "bfloat16"):
                try:
                    found = probe(name, precision, runs=3 if deterministic else 2)
                except RuntimeError as error:
                    print(f"FAILED: {name}, {precision}: {str(error).splitlines()[0]}")
                    continue
                print(f"{name}, {precision}, {given.algorithms}: {found} differ", flush=True)


if __name__ == "__main__":
    main()
