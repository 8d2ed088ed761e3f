"""Compare our loop on a GPU with the replay of one captured step and with the textbook loop.

`benchmarks.training` runs this on GPUs. Contenders take turns on one GPU, each in its own process
with its own number of steps; seconds are per step. The textbook loop runs with 0, 2, 4 and 8
loading processes, and the best one counts. Its loaders also prepare batches during the turns of
others, which favours it. If a contender's process ends, only its ratios are missing.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks.measuring import Result, Samples, all_apart, ratios, result, turns
from benchmarks.training import BATCH, COMPUTE, DEVICE, SGD, network, noise, textbook
from loft.core.data.resident_images import Images
from loft.core.data.settings import PaddedCrop
from loft.core.settings.shared import ComputeSettings
from loft.core.training.learner import Learner, configure_torch, wait
from loft.models.build import build

STEPS = 100  # in a sample
LOADERS = {0: 12, 2: 30, 4: 60, 8: 100}  # loading processes of the textbook loop -> steps
WARM = 10  # steps before anything is timed
FILTERS = {"layer2.1": 2, "layer3.1": 4, "layer4.1": 8}  # widths of blocks, by the stem's
Steps = Callable[[], object]


def endless(images: Images) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches without end."""
    made = images.batches(PaddedCrop(crop_padding=4, flip=True), BATCH, DEVICE)
    return (batch for epoch in range(1, 10_000) for batch in made.epoch(0, epoch, 0))


def learner(width: int, compute: ComputeSettings, workers: int = 1) -> Learner:
    """Make a learner of the whole network, or of a LoFT worker's."""
    configure_torch(compute, DEVICE)
    if workers == 1:
        return Learner(network(width), SGD, compute, DEVICE)
    filters = {path: width * times // workers for path, times in FILTERS.items()}
    narrow = build("preresnet18", width, channels=3, size=32, classes=10, filters=filters, seed=0)
    return Learner(narrow, SGD, compute, DEVICE)


def looping(width: int, workers: int = 1, **settings: bool) -> Steps:
    """Return a function that takes steps on new batches."""
    own = learner(width, COMPUTE.model_copy(update=settings), workers)
    batches = endless(noise())

    def steps(count: int = STEPS) -> None:
        for _ in range(count):
            own.step(*next(batches), SGD.learning_rate)
        own.seen.read()  # waits for them

    steps(WARM)
    return steps


def replaying(width: int) -> Steps:
    """Return a function that replays one captured step on one batch and does nothing else."""
    own = learner(width, COMPUTE)
    batch = next(endless(noise()))
    for _ in range(WARM):
        own.step(*batch, SGD.learning_rate)

    def steps() -> None:
        # The graph writes into the learner's tensors, so it is kept with its learner.
        assert own._replayed is not None
        assert own._replayed._recording is not None, "no step was captured"
        for _ in range(STEPS):
            own._replayed._recording.replay()
        wait(DEVICE)

    return steps


def compare_on_gpu(width: int, times: int) -> list[Result]:
    """Measure our loop at one width, its limit, its variants and the textbook loops."""
    makers: dict[str, Callable[[], Steps]] = {
        "loop": partial(looping, width),
        "replay": partial(replaying, width),
        "as they come": partial(looping, width, captured=False),
        "loft-4": partial(looping, width, workers=4),
        "deterministic": partial(looping, width, deterministic=True),
    }
    counts = dict.fromkeys(makers, STEPS)
    for loaders, count in LOADERS.items():
        makers[f"textbook-{loaders}"] = partial(textbook, width, loaders, count)
        counts[f"textbook-{loaders}"] = count
    with all_apart(makers) as contenders:
        spent = turns(contenders, times)
    seconds = {name: [each / counts[name] for each in taken] for name, taken in spent.items()}
    return [*_results(width, seconds)]


def _results(width: int, seconds: Samples) -> Iterator[Result]:
    """Yield the ratios of seconds per step whose two contenders were measured."""
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    speed = {f"{name} images/s": BATCH / taken for name, taken in medians.items()}
    books = [name for name in seconds if name.startswith("textbook")]
    best = min(books, key=lambda name: medians[name], default="textbook")
    about = f"DataLoader with transforms of each image, float32, {best[9:]} loaders"
    cases: Mapping[str, tuple[str, str, dict[str, Any]]] = {  # case -> over, under, more about it
        "loop_vs_replay_gpu": (
            "replay",
            "loop",
            {"against": "the replay of one captured step on a resident batch", "target": ">= 0.85"},
        ),
        "loop_vs_textbook_gpu": (best, "loop", {"against": about, "target": ">= 4"}),
        "captured_vs_loop_gpu": (
            "as they come",
            "loop",
            {"against": "the same loop, its steps taken as they come"},
        ),
        "loft4_step_vs_dense_gpu": (
            "loft-4",
            "loop",
            {"against": "a step of the dense network, both in our loop", "target": "<= 1.0"},
        ),
        "deterministic_vs_loop_gpu": (
            "deterministic",
            "loop",
            {"against": "the same step by algorithms that need not give the same bits twice"},
        ),
    }
    for case, (over, under, about_it) in cases.items():
        if over in seconds and under in seconds:
            samples = ratios(seconds, over, under)
            yield result(f"{case}_w{width}", samples, absolute=speed, **about_it)
        else:
            print(f"{case}_w{width}: left out", flush=True)


def memory(width: int, workers: int, **settings: bool) -> str:
    """Return the memory that the learners of all workers take, trained in turns on one GPU."""
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
    configure_torch(COMPUTE, DEVICE)
    for workers in (1, 4):
        for captured in (True, False):
            how = "captured" if captured else "as they come"
            what = "dense" if workers == 1 else f"LoFT-{workers} in turns"
            print(f"memory, width 64, {what}, {how}: {memory(64, workers, captured=captured)}")


if __name__ == "__main__":
    main()
