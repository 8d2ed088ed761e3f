"""Compare the training loop with its own limit and with the textbook loop of most repositories.

    python -m benchmarks.training

On a GPU this runs `benchmarks.captured`. On CPUs:

The limit is the same step on one resident batch, without data work. The textbook loop has a
DataLoader that applies torchvision's transforms to each image, float32, torch's SGD class and
glibc's default allocator; the best of 0, 1 and 2 loading processes counts. Images are noise of
CIFAR-10's size. Every contender has its own process.
"""

import argparse
import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from benchmarks.measuring import Result, apart, keep, ratios, result, turns
from loft.core.data.resident_images import Images
from loft.core.data.settings import PaddedCrop
from loft.core.processes import memory
from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.training.learner import Learner, move_to_device, precision_context
from loft.models.build import build

BATCH, IMAGES = 128, 50_000
THREADS = 2
SGD = SgdSettings(
    learning_rate=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4, batch_size=BATCH
)
COMPUTE = ComputeSettings(threads=THREADS, precision="auto", channels_last=True, compiled=False)
STEPS = {16: 20, 64: 4}  # in a sample, by width
TEXTBOOK = {16: 3.0, 64: 2.5}  # target: times as fast as the textbook loop, by width
LOADERS = (0, 1, 2)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def network(width: int) -> nn.Sequential:
    """Build PreActResNet-18 for CIFAR-10."""
    return build("preresnet18", width, channels=3, size=32, classes=10, seed=0)


def noise() -> Images:
    """Draw as many images as CIFAR-10 has; their content does not change the cost."""
    random = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (IMAGES, 3, 32, 32), dtype=torch.uint8, generator=random)
    labels = torch.randint(0, 10, (IMAGES,), generator=random)
    return Images("noise", [*"0123456789"], pixels, labels, pixels[:1000], labels[:1000])


class Pictures(Dataset[tuple[Tensor, int]]):
    """Images one at a time, like torchvision's data sets."""

    def __init__(self, images: Images) -> None:
        import torchvision.transforms as T

        self._pixels = images.train.permute(0, 2, 3, 1).numpy()
        self._labels = images.train_labels.tolist()
        mean, std = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
        crop, flip = T.RandomCrop(32, padding=4), T.RandomHorizontalFlip()
        self._transform = T.Compose([crop, flip, T.ToTensor(), T.Normalize(mean, std)])

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        from PIL import Image

        picture = Image.fromarray(np.asarray(self._pixels[index]))
        return self._transform(picture), self._labels[index]


def endless(pictures: Pictures, loaders: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield shuffled batches without end; on a GPU the loaders come from a fork server."""
    loader = DataLoader(
        pictures,
        BATCH,
        shuffle=True,
        drop_last=True,
        num_workers=loaders,
        persistent_workers=loaders > 0,
        multiprocessing_context="forkserver" if loaders and DEVICE == "cuda" else None,
    )
    while True:
        yield from loader


def textbook(width: int, loaders: int, count: int) -> Callable[[], None]:
    """Return a function that takes `count` steps of the textbook loop."""
    torch.set_num_threads(THREADS)
    batches = endless(Pictures(noise()), loaders)
    next(batches)  # starts the loaders
    model = network(width).to(DEVICE)
    optimiser = torch.optim.SGD(
        model.parameters(), SGD.learning_rate, momentum=0.9, weight_decay=5e-4, nesterov=True
    )

    def steps() -> None:
        model.train()
        for _ in range(count):
            images, labels = next(batches)
            images, labels = images.to(DEVICE), labels.to(DEVICE)
            optimiser.zero_grad()
            logits = model(images)
            loss = F.cross_entropy(logits, labels)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            loss.item()
            (logits.argmax(1) == labels).sum().item()

    return steps


def ours(
    width: int, count: int, fixed: bool = False, compiled: bool = False, threads: int = THREADS
) -> Callable[[], None]:
    """Return a function that takes `count` steps of our loop, all on one batch if `fixed`."""
    torch.set_num_threads(threads)
    made = noise().batches(PaddedCrop(crop_padding=4, flip=True), BATCH, DEVICE)
    batches = (batch for epoch in range(1, 1000) for batch in made.epoch(0, epoch, 0))
    resident = next(batches)
    compute = COMPUTE.model_copy(update={"compiled": compiled})
    learner = Learner(move_to_device(network(width), compute, DEVICE), SGD, compute, DEVICE)

    def steps() -> None:
        for _ in range(count):
            learner.step(*(resident if fixed else next(batches)), SGD.learning_rate)

    return steps


def convolutions(width: int, count: int) -> Callable[[], None]:
    """Return a function that computes only the convolutions of `count` steps of our loop."""
    torch.set_num_threads(THREADS)
    model, entering = move_to_device(network(width), COMPUTE, DEVICE), dict[nn.Module, Tensor]()

    def keep_entering(module: nn.Module, given: tuple[Tensor], _: Tensor) -> None:
        entering[module] = given[0].detach()

    convs = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    hooks = [module.register_forward_hook(keep_entering) for module in convs]
    batch = torch.randn(BATCH, 3, 32, 32, device=DEVICE)
    with precision_context(COMPUTE.precision, DEVICE):
        model(batch.contiguous(memory_format=torch.channels_last))
    for hook in hooks:
        hook.remove()
    inputs = {module: x.requires_grad_(module is not convs[0]) for module, x in entering.items()}

    def steps() -> None:
        for _ in range(count):
            model.zero_grad()
            for module, x in inputs.items():
                x.grad = None
                with precision_context(COMPUTE.precision, DEVICE):
                    y = module(x)
                torch.autograd.backward(y, torch.ones_like(y))

    return steps


def compare(width: int, times: int) -> list[Result]:
    """Measure our loop at one width, its limit, its variants and the textbook loops."""
    count = STEPS[width]
    kept, default = {memory.VARIABLE: memory.SETTINGS}, {memory.VARIABLE: ""}
    books = [f"textbook-{loaders}" for loaders in LOADERS]
    makers = {
        "loop": (partial(ours, width, count), kept),
        "limit": (partial(ours, width, count, fixed=True), kept),
        "default": (partial(ours, width, count), default),
        "compiled": (partial(ours, width, count, compiled=True), kept),
        "one thread": (partial(ours, width, count, threads=1), kept),
        "convolutions": (partial(convolutions, width, count), kept),
        **{
            name: (partial(textbook, width, loaders, count), default)
            for name, loaders in zip(books, LOADERS, strict=True)
        },
    }
    with ExitStack() as stack:
        contenders = {
            name: stack.enter_context(apart(make, environment))
            for name, (make, environment) in makers.items()
        }
        seconds = turns(contenders, times)
    speed = {
        f"{name} images/s": count * BATCH / statistics.median(taken)
        for name, taken in seconds.items()
    }
    best = min(books, key=lambda name: statistics.median(seconds[name]))
    return [
        result(
            f"loop_vs_limit_w{width}",
            ratios(seconds, "limit", "loop"),
            against="the same step on one resident batch",
            target=">= 0.95",
            absolute=speed,
        ),
        result(
            f"loop_vs_default_allocator_w{width}",
            ratios(seconds, "default", "loop"),
            against="the same loop with glibc's allocator as it is by default",
            absolute=speed,
        ),
        result(
            f"compiled_vs_loop_w{width}",
            ratios(seconds, "loop", "compiled"),
            against="the same loop, not by torch.compile",
            absolute=speed,
        ),
        result(
            f"convolutions_vs_textbook_w{width}",
            ratios(seconds, best, "convolutions"),
            against="the textbook loop; no loop with these convolutions can be faster",
            absolute=speed,
        ),
        result(
            f"one_thread_doubled_vs_textbook_w{width}",
            ratios(seconds, best, "one thread", factor=THREADS),
            against=f"the textbook loop, were {THREADS} threads {THREADS} times as fast as one",
            absolute=speed,
        ),
        result(
            f"loop_vs_textbook_w{width}",
            ratios(seconds, best, "loop"),
            against=f"DataLoader with transforms of each image, float32, {best[-1]} loaders",
            target=f">= {TEXTBOOK[width]:g}",
            absolute=speed,
        ),
    ]


def main() -> None:
    """Measure every width."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=7, metavar="N", help="samples")
    parser.add_argument("--widths", type=int, nargs="+", default=[16, 64])
    given = parser.parse_args()
    if DEVICE == "cuda":
        from benchmarks.captured import compare_on_gpu

        for width in given.widths:
            keep(compare_on_gpu(width, given.times))
        return
    for width in given.widths:
        keep(compare(width, given.times))


if __name__ == "__main__":
    main()
