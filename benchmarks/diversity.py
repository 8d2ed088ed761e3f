"""Time exact gradient diversity and measure its memory.

    python -m benchmarks.diversity

Measures logistic regression on 50,000 samples of CIFAR-10's shape, in closed form and by
torch.func, and PreActResNet-18 of width 16 on 2,000 images. Data are random, which does not change
the work. Memory is the process's peak so far minus its peak before the first measurement; the
network takes most and comes last.
"""

import argparse
import statistics
from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from benchmarks.measuring import Result, keep, result, turns
from loft.core.processes.workers import peak_memory
from loft.core.training.sample_gradients import PerSample
from loft.diversity.gradient_diversity import Diversity, exact_diversity
from loft.diversity.per_sample_models import build_model

MIB = 2**20
ABOUT = {"channels": 3, "size": 32, "classes": 10, "seed": 0}
THREADS = 2
LOGISTIC, IMAGES = 50_000, 2_000  # samples


def diversity(samples: PerSample, inputs: Tensor, targets: Tensor) -> Diversity:
    """Compute the diversity of all samples."""
    return exact_diversity(samples.chunks(inputs, targets))


def cases(memory: int, times: int) -> Iterator[Result]:
    """Measure one model after the other.

    Args:
        memory: MiB that the gradients of a chunk may take.
        times: number of samples of each case.
    """
    random = torch.Generator().manual_seed(0)
    pixels = torch.randn((LOGISTIC, 3072), generator=random)
    classes = torch.randint(2, (LOGISTIC,), generator=random)
    images = pixels[:IMAGES].view(-1, 3, 32, 32)
    labels = torch.randint(10, (IMAGES,), generator=random)
    logistic = build_model("logistic", memory * MIB, **ABOUT)
    general = PerSample(logistic.model, logistic.loss, memory * MIB)
    network = build_model("preresnet18", memory * MIB, **ABOUT, width=16)
    before = peak_memory("cpu")
    for name, target, call in (
        ("logistic", "<= 5", partial(diversity, logistic, pixels, classes)),
        ("logistic_general", "", partial(diversity, general, pixels, classes)),
        ("preresnet18_w16", "<= 120", partial(diversity, network, images, labels)),
    ):
        (seconds,) = turns({name: call}, times).values()
        yield result(
            f"diversity_seconds_{name}",
            seconds,
            unit="s",
            target=target,
            absolute={
                "samples/s": len(call.args[1]) / statistics.median(seconds),
                "memory so far MiB": (peak_memory("cpu") - before) / MIB,
            },
        )


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, metavar="N", help="samples")
    parser.add_argument("--memory", type=int, default=256, help="MiB for a chunk")
    given = parser.parse_args()
    torch.set_num_threads(THREADS)
    keep([*cases(given.memory, given.times)])


if __name__ == "__main__":
    main()
