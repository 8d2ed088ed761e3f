"""How fast exact gradient diversity is, and how much memory it takes.

Logistic regression on 50,000 samples of CIFAR-10's shape, in closed form and by torch.func, and
PreActResNet-18 of width 16 on 2,000 images. `python benchmarks/diversity.py` prints seconds by the
clock and by the processor, and memory at the peak beside what was there before, on random data: the
work is the same.
"""

import argparse
import resource
import time

import torch
from torch import Tensor

from loft.core.gradients import PerSample
from loft.diversity.measure import exact
from loft.diversity.networks import make

MIB = 2**20
ABOUT = {"channels": 3, "size": 32, "classes": 10, "seed": 0}


def peak() -> float:
    """Return the process's highest memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, samples: PerSample, inputs: Tensor, targets: Tensor) -> None:
    """Print what one measurement took."""
    before, clock, processor = peak(), time.perf_counter(), time.process_time()
    found = exact(samples.chunks(inputs, targets))
    seconds = time.perf_counter() - clock, time.process_time() - processor
    print(
        f"{name}: {seconds[0]:.1f} s ({seconds[1]:.1f} s of processors), "
        f"{peak() - before:.0f} MiB more at the peak; diversity {found.diversity:.4g}",
        flush=True,
    )


def main() -> None:
    """Print a line for each measurement, the network's last: it takes most memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", type=int, default=256, help="MiB for a chunk")
    parser.add_argument("--images", type=int, default=2000, help="of the network")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    random = torch.Generator().manual_seed(0)
    pixels = torch.randn((50_000, 3072), generator=random)
    classes = torch.randint(2, (50_000,), generator=random)
    logistic = make("logistic", given.memory * MIB, **ABOUT)
    measure("logistic regression, 50,000 samples", logistic, pixels, classes)
    general = PerSample(logistic.model, logistic.loss, given.memory * MIB)
    measure("the same by torch.func", general, pixels, classes)
    images = pixels[: given.images].view(-1, 3, 32, 32)
    labels = torch.randint(10, (len(images),), generator=random)
    network = make("preresnet18", given.memory * MIB, **ABOUT, width=16)
    measure(f"PreActResNet-18 of width 16, {len(images)} images", network, images, labels)


if __name__ == "__main__":
    main()
