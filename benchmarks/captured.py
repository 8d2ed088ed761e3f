"""On a GPU: our loop against the replay of one captured step, and against others' loops.

`benchmarks.training` measures this in place of the comparison for CPUs. Contenders take turns in
one process on one card; each has its own number of steps, and seconds are a step's. The textbook
loop has 0, 2, 4 and 8 loading processes, of which the best counts; batches that its loaders prepare
while others have their turn are a gift to it.
"""

import os
import statistics
from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor

from benchmarks.measuring import Result, ratios, result, turns
from benchmarks.training import BATCH, COMPUTE, DEVICE, SGD, network, noise, textbook
from loft.core.config import ComputeSettings
from loft.core.images import Images
from loft.core.kinds import PaddedCrop
from loft.core.training import CUBLAS, Learner, prepare, wait
from loft.models.build import build

STEPS = 100  # a sample
LOADERS = {0: 20, 2: 60, 4: 100, 8: 120}  # loading processes of the textbook loop -> steps
os.environ.setdefault(*CUBLAS)  # torch looks at it once, when cuBLAS is first used
WARM = 10  # steps before anything is timed
FILTERS = {"layer2.1": 2, "layer3.1": 4, "layer4.1": 8}  # widths of blocks, by the stem's


def endless(images: Images) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches for ever."""
    made = images.batches(PaddedCrop(crop_padding=4, flip=True), BATCH, DEVICE)
    return (batch for epoch in range(1, 10_000) for batch in made.epoch(0, epoch, 0))


def learner(width: int, compute: ComputeSettings, workers: int = 1) -> Learner:
    """Make a learner of the whole network, or of a LoFT worker's."""
    if workers == 1:
        return Learner(network(width), SGD, compute, DEVICE)
    filters = {path: width * times // workers for path, times in FILTERS.items()}
    narrow = build("preresnet18", width, channels=3, size=32, classes=10, filters=filters, seed=0)
    return Learner(narrow, SGD, compute, DEVICE)


def looping(images: Images, width: int, workers: int = 1, **settings: bool) -> Callable[[], None]:
    """Return a function that takes steps on batches as they are cut."""
    own = learner(width, COMPUTE.model_copy(update=settings), workers)
    batches = endless(images)

    def steps(count: int = STEPS) -> None:
        for _ in range(count):
            own.step(*next(batches), SGD.learning_rate)
        own.seen.read()

    steps(WARM)
    return steps


def replaying(images: Images, width: int, **settings: bool) -> Callable[[], None]:
    """Return a function that replays one captured step, without any other work."""
    own = learner(width, COMPUTE.model_copy(update=settings))
    batch = next(endless(images))
    for _ in range(WARM):
        own.step(*batch, SGD.learning_rate)
    assert own._replayed is not None
    recording = own._replayed._recording
    assert recording is not None, "no step was captured"

    def steps() -> None:
        for _ in range(STEPS):
            recording.replay()
        wait(DEVICE)

    return steps


def compare_on_gpu(width: int, times: int) -> list[Result]:
    """Measure a width's loop, its limit, its variants and the textbook loops."""
    prepare(COMPUTE, DEVICE)
    images = noise()
    makers: dict[str, Callable[[], Callable[[], object]]] = {
        "loop": partial(looping, images, width),
        "replay": partial(replaying, images, width),
        "as they come": partial(looping, images, width, captured=False),
        "loft-4": partial(looping, images, width, workers=4),
    }
    counts = dict.fromkeys(makers, STEPS)
    for loaders, count in LOADERS.items():
        makers[f"textbook-{loaders}"] = partial(textbook, width, loaders, count)
        counts[f"textbook-{loaders}"] = count
    contenders: dict[str, Callable[[], object]] = {}
    for name, make in makers.items():
        try:
            contenders[name] = make()
        except ImportError as error:  # a machine's own torch may come without torchvision
            if not name.startswith("textbook"):
                raise
            print(f"{name}: left out: {error}")
    books = [name for name in contenders if name.startswith("textbook")]
    spent = turns(contenders, times)
    seconds = {name: [each / counts[name] for each in taken] for name, taken in spent.items()}
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    speed = {f"{name} images/s": BATCH / taken for name, taken in medians.items()}
    named = partial(result, absolute=speed)
    found = []
    if books:
        best = min(books, key=lambda name: medians[name])
        found = [
            named(
                f"loop_vs_textbook_gpu_w{width}",
                ratios(seconds, best, "loop"),
                against=f"DataLoader with transforms of each image, float32, {best[9:]} loaders",
                target=">= 4",
            )
        ]
    deterministic = deterministically(images, width, times)
    return [
        *found,
        named(
            f"loop_vs_replay_gpu_w{width}",
            ratios(seconds, "replay", "loop"),
            against="the replay of one captured step on a resident batch",
            target=">= 0.85",
        ),
        named(
            f"captured_vs_loop_gpu_w{width}",
            ratios(seconds, "as they come", "loop"),
            against="the same loop, its steps taken as they come",
        ),
        named(
            f"loft4_step_vs_dense_gpu_w{width}",
            ratios(seconds, "loft-4", "loop"),
            against="a step of the dense network, both in our loop",
            target="<= 1.0",
        ),
        result(
            f"deterministic_vs_loop_gpu_w{width}",
            [statistics.median(deterministic) / each for each in seconds["loop"]],
            against="the same loop with algorithms that need not give the same bits twice",
            absolute={"deterministic images/s": BATCH / statistics.median(deterministic)},
        ),
    ]


def deterministically(images: Images, width: int, times: int) -> list[float]:
    """Return a step's seconds with deterministic algorithms, which hold for the whole process."""
    compute = COMPUTE.model_copy(update={"deterministic": True})
    prepare(compute, DEVICE)
    try:
        spent = turns({"deterministic": looping(images, width, deterministic=True)}, times)
    finally:
        torch.use_deterministic_algorithms(False)
    return [each / STEPS for each in spent["deterministic"]]


def memory(width: int, workers: int, **settings: bool) -> str:
    """Return what so many learners on one card take, trained in turns."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    compute = COMPUTE.model_copy(update=settings)
    batch = torch.randn(BATCH, 3, 32, 32, device=DEVICE).to(memory_format=torch.channels_last)
    labels = torch.arange(BATCH, device=DEVICE) % 10
    learners = [learner(width, compute, workers) for _ in range(workers)]
    for _ in range(WARM):
        for own in learners:
            own.step(batch, labels, SGD.learning_rate)
    wait(DEVICE)
    allocated, reserved = torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved()
    torch.cuda.empty_cache()
    held = torch.cuda.memory_reserved()
    sizes = [f"{size / 1e6:.0f} MB" for size in (allocated, reserved, held)]
    return f"peak allocated {sizes[0]}, peak reserved {sizes[1]}, held afterwards {sizes[2]}"


def main() -> None:
    """Print the memory of captured steps and of others."""
    prepare(COMPUTE, DEVICE)
    for workers in (1, 4):
        for captured in (True, False):
            how = "captured" if captured else "as they come"
            what = "dense" if workers == 1 else f"LoFT-{workers} in turns"
            print(f"memory, width 64, {what}, {how}: {memory(64, workers, captured=captured)}")


if __name__ == "__main__":
    main()
