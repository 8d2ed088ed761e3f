"""Hold every convolution of every network against float64, in forks, as kernels may crash.

    python -m tests.models.kernels '{"names": ["resnet18"], "widths": [4], "sizes": [8], ...}'

prints what is wrong, a line each, and at last how many were checked. It is a program of its own
because libraries read the instructions that they may use from the environment when they are loaded.
"""

import itertools
import json
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from loft.core.settings.shared import ComputeSettings
from loft.core.training.processor import Layer, check, layers
from loft.models.build import build
from loft.tickets.network.blocks import pruned

SECONDS = 120  # for one convolution
GROUP = 32  # convolutions in a fork, which takes longer to begin than one takes to be checked


def networks(names: list[str], width: int, channels: int, size: int) -> Iterator[nn.Module]:
    """Yield networks whole and narrowed as LoFT's workers and pruning narrow them."""
    for name in names:
        about: dict[str, Any] = {"channels": channels, "size": size, "classes": 10}
        if name.startswith("wide"):
            about["widening"] = 2
        whole = build(name, width, **about)
        yield whole
        for parts in (2, 3):  # odd numbers of filters too
            left = {path: max(1, count // parts - 1) for path, count in pruned(whole).items()}
            yield build(name, width, **about, filters=left)


def kinds(given: dict[str, Any]) -> list[Layer]:
    """Return the convolutions of all networks, one of each kind."""
    found: dict[str, Layer] = {}
    for size, channels, width in itertools.product(given["sizes"], (1, 3), given["widths"]):
        made = networks(given["names"], width, channels, size)
        for layer in layers(made, (channels, size, size)):
            if isinstance(layer.module, nn.Conv2d):
                found.setdefault(str(layer), layer)
    return [*found.values()]


def ways(given: dict[str, Any]) -> list[ComputeSettings]:
    """Return how each is computed: threads, precision, layout."""
    return [
        ComputeSettings(threads=threads, precision=precision, channels_last=last, compiled=False)
        for threads, precision, last in itertools.product(
            given["threads"], given["precisions"], (True, False)
        )
    ]


def checked(layers: list[Layer], given: dict[str, Any]) -> int:
    """Check layers in a fork, the batches that are small enough; return how the fork ended."""
    fork = os.fork()
    if not fork:
        status = 1
        try:
            signal.alarm(SECONDS * len(layers))
            for layer, images, way in itertools.product(layers, given["batches"], ways(given)):
                if images * layer.work > given["work"]:
                    continue
                torch.set_num_threads(way.threads)
                try:
                    check(layer, images, way)
                except ArithmeticError as error:
                    if len(layers) == 1:
                        print(f"{error}: {images} images, {way}", flush=True)
                    raise
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])


def wrong(layers: list[Layer], given: dict[str, Any]) -> int:
    """Return how many layers are computed wrongly or end their process."""
    status = checked(layers, given)
    if status == 0:
        return 0
    if len(layers) > 1:  # some of them; each by itself says which
        return sum(wrong([layer], given) for layer in layers)
    if status < 0:
        print(f"{layers[0]} ended with {signal.Signals(-status).name}", flush=True)
    return 1


def main(given: dict[str, Any]) -> int:
    """Check all; batches whose multiply-adds are above `work` are left out."""
    torch.set_num_threads(1)  # no team of threads that forks would miss
    found = kinds(given)
    groups = [found[start : start + GROUP] for start in range(0, len(found), GROUP)]
    bad = sum(wrong(group, given) for group in groups)
    print(f"{len(found)} kinds, {bad} wrong")
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
