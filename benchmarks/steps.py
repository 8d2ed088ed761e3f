"""Compare steps of LoFT's workers and of tickets with their share of the dense step's operations.

    python -m benchmarks.steps

Networks have width 64; each runs in its own process with one thread and the allocator's settings,
like a worker. Operations are those of torch's counter, forward and backward, which leaves out
BatchNorm, ReLU and updates. `python -m benchmarks.step_breakdown` measures the time of these.
"""

import argparse
import statistics
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measuring import Result, apart, keep, ratios, result, turns
from benchmarks.training import BATCH, COMPUTE, DEVICE, SGD
from loft.core.processes import memory
from loft.core.training.learner import Learner, wait
from loft.models.build import build
from loft.tickets.methods.partition import shares
from loft.tickets.network.blocks import partitioned, pruned
from loft.tickets.network.survivors import removed

WIDTH = 64
STEPS = 2  # in a sample, so that the state of the caches before the first one counts less
TICKETS = ((50, 1), (80, 1), (80, 16), (80, 32))  # percent pruned, multiple of filters that stay


def network(filters: Mapping[str, int] | None = None) -> nn.Sequential:
    """Build PreActResNet-18 at the paper's width, with narrower blocks where given."""
    return build("preresnet18", WIDTH, channels=3, size=32, classes=10, filters=filters, seed=0)


def networks() -> dict[str, nn.Sequential]:
    """Return the dense network, the networks of LoFT's workers, and tickets."""
    dense = network()
    apart, shrunk = partitioned(dense), pruned(dense)
    made = {"dense": dense}
    for workers in (2, 4):
        made[f"loft{workers}"] = network(shares(apart, workers, 0))
    for percent, multiple in TICKETS:
        kept = {
            path: count - removed(count, percent / 100, multiple) for path, count in shrunk.items()
        }
        name = f"ticket{percent}" if multiple == 1 else f"ticket{percent}_multiple{multiple}"
        made[name] = network(kept)
    return made


def operations(model: nn.Module, images: Tensor, labels: Tensor) -> int:
    """Count the operations of a step; a multiply-add counts as two."""
    with FlopCounterMode(display=False) as counter:
        torch.autograd.backward(F.cross_entropy(model(images), labels))
    return int(counter.get_total_flops())


def stepping(name: str) -> Callable[[], object]:
    """Return a function that takes `STEPS` steps of a network on a resident batch."""
    torch.set_num_threads(1)
    images = torch.rand(BATCH, 3, 32, 32).to(DEVICE, memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (BATCH,)).to(DEVICE)
    learner = Learner(networks()[name], SGD, COMPUTE, DEVICE)

    def steps() -> None:
        for _ in range(STEPS):
            learner.step(images, labels, SGD.learning_rate)
        wait(DEVICE)

    return steps


def compare(times: int) -> list[Result]:
    """Measure a step of each network, in turn."""
    made = networks()
    image, label = torch.rand(1, 3, 32, 32), torch.zeros(1, dtype=torch.int64)
    counts = {name: operations(model, image, label) for name, model in made.items()}
    share = {name: count / counts["dense"] for name, count in counts.items()}
    kept = {memory.VARIABLE: memory.SETTINGS}
    with ExitStack() as stack:
        steps = {name: stack.enter_context(apart(partial(stepping, name), kept)) for name in made}
        seconds = turns(steps, times)
    medians = {name: statistics.median(taken) / STEPS for name, taken in seconds.items()}
    absolute = {f"{name} s": median for name, median in medians.items()}
    absolute |= {f"{name} share of operations": part for name, part in share.items()}
    speed = {f"{name} images/s": BATCH / median for name, median in medians.items()}
    results = []
    for name in list(made)[1:]:
        ticket = name.startswith("ticket")
        if ticket:
            results.append(
                result(
                    f"{name}_vs_dense_w64",
                    ratios(seconds, "dense", name),
                    against="images per second of dense training",
                    absolute={key: speed[key] for key in ("dense images/s", f"{name} images/s")},
                )
            )
        over, under = ("dense", name) if ticket else (name, "dense")
        factor = share[name] if ticket else 1 / share[name]
        results.append(
            result(
                f"{name}_vs_flops_w64" if ticket else f"{name}_step_vs_flops_w64",
                ratios(seconds, over, under, factor),
                against="its share of the dense step's operations",
                target=">= 0.9" if ticket else "<= 1.1",
                absolute=absolute,
            )
        )
    return results


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=15, metavar="N", help="samples")
    given = parser.parse_args()
    keep(compare(given.times))


if __name__ == "__main__":
    main()
