"""Count how much smaller LoFT's networks get with two partitions; nothing is trained.

    python -m benchmarks.partitions

The paper promises networks S times smaller with S workers. Table 1's partition does not partition
the first group and the strided blocks; a partition of the inner filters of every block leaves out
only the channels between blocks. Writes `results/ablations/partitions.csv`: how many times fewer
parameters, activations kept for the backward pass, and operations, for PreActResNet-18 of width 64
on CIFAR-10's images.
"""

import torch

from benchmarks.measuring import RESULTS
from loft.core.data.dimensions import Dimensions
from loft.models import ModelSettings
from loft.models.parts import Block
from loft.models.settings import ResNetSettings
from loft.tickets.methods.partition import shares
from loft.tickets.network.blocks import partitioned
from loft.tickets.planning.costs import Cost, cost, networks

MODEL: ModelSettings = ResNetSettings(name="preresnet18", width=64)
DATA = Dimensions("CIFAR-10", 10, 3, 32, 50_000, 10_000)
WORKERS = (2, 4, 8)
IMAGES = 2


def partitions() -> dict[str, dict[str, int]]:
    """Return the partitioned blocks and their numbers of inner filters, by partition."""
    whole = networks(MODEL, DATA)(None)
    inner = {
        path: module.conv1.out_channels
        for path, module in whole.named_modules()
        if isinstance(module, Block)
    }
    return {"Table 1's": partitioned(whole), "every block's inner filters": inner}


def narrowed(blocks: dict[str, int], workers: int) -> Cost:
    """Return the cost of the network that the first worker trains."""
    network = networks(MODEL, DATA)(shares(blocks, workers, 0))
    return cost(network, torch.empty(IMAGES, *DATA.image, device="meta"))


def main() -> None:
    """Count and write the table."""
    rows = ["partition,workers,parameters,activations,operations"]
    for name, blocks in partitions().items():
        whole = narrowed(blocks, 1)
        for workers in WORKERS:
            own = narrowed(blocks, workers)
            factors = [
                whole.parameters / own.parameters,
                whole.kept_floats / own.kept_floats,
                whole.training_flops / own.training_flops,
            ]
            rows.append(",".join([name, str(workers), *(f"{factor:.2f}" for factor in factors)]))
            print(rows[-1])
    out = RESULTS.parent / "ablations" / "partitions.csv"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
