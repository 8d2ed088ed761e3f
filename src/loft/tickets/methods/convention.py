"""Conventions by which transfers are counted, and what of a pretraining they are counted from.

Each method computes its bytes under two conventions: `PROTOCOL`, what this project's
workers send and count, and `PAPER`, the one behind Table 1's column, which the paper does not
state; it was decoded from the printed numbers.

Legend: S workers, N synchronisations, T iterations, B images a batch, A floats of one image's
activation at a cut; W_part what LoFT partitions, W_sh the other 3x3 convolutions inside blocks,
O everything else that is trained. The conventions are, in floats,

                PROTOCOL                                   PAPER
    LoFT        2 N ((S - 1) (W_sh + O) + W_part           N (S (2 W_sh + O) + 2 W_part)
                - worker 0's part of W_part)
    Local SGD   2 N (S - 1) (W_sh + W_part + O)            N S (2 W_sh + 2 W_part + O)
    GPipe       T (B + B) sum of A + the stages' weights   T (B + 1) sum of A

and in `PROTOCOL` running statistics and momentum where the options let them travel.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from loft.tickets.methods.interface import Method

FLOAT = 4  # bytes

# filters -> network without values
NetworkOf = Callable[[Mapping[str, int] | None], "nn.Sequential"]


@dataclass(frozen=True)
class Convention:
    """How transfers are counted.

    Attributes:
        coordinator_works: rank 0 is the centre of the star and worker 0, whose network stays; or
            the centre is none of the S workers.
        ways_of_the_rest: how often a round what is not a 3x3 convolution of a block travels, nor
            moves with one: there and back, or once.
        gradient_of_every_image: a pipeline sends back every image's gradient, or their mean.
        extras: running statistics, momentum buffers and collected stages are counted.
        last_norm: a BatchNorm after the last block is counted whether the network has one or not.
        classifier: the linear layer is counted.
    """

    coordinator_works: bool
    ways_of_the_rest: int
    gradient_of_every_image: bool
    extras: bool
    last_norm: bool
    classifier: bool


PROTOCOL = Convention(
    coordinator_works=True,
    ways_of_the_rest=2,
    gradient_of_every_image=True,
    extras=True,
    last_norm=False,
    classifier=True,
)


PAPER = Convention(
    coordinator_works=False,
    ways_of_the_rest=1,
    gradient_of_every_image=False,
    extras=False,
    last_norm=True,
    classifier=True,
)


@dataclass(frozen=True)
class Pretraining:
    """A pretraining as the ledger sees it.

    Attributes:
        method: with its options, which say what travels beside parameters, and how.
        workers: S.
        network: makes the network without values, with the given inner widths of blocks.
        image: shape (channels, height, width).
        batch: B.
        steps: T, of one worker.
        rounds: N.
        epochs: how often a pipeline's stages are collected.
        seed: of the run, from which partitions are drawn.
    """

    method: "Method"
    workers: int
    network: NetworkOf
    image: tuple[int, int, int]
    batch: int
    steps: int
    rounds: float
    epochs: int
    seed: int
