"""Define the conventions for counting bytes, and the facts of a pretraining that they need.

Each method computes its bytes under two conventions. `PROTOCOL` is what this project's workers send
and count. `PAPER` is the convention of Table 1's column; the paper does not state it, it was
decoded from the printed numbers.

Legend: S workers, N synchronisations, T iterations, B images a batch, A floats of one image's
activation at a cut; W_part the weights that LoFT partitions, W_sh the other 3x3 convolutions inside
blocks, O all other trained weights. The numbers of floats are

                PROTOCOL                                   PAPER
    LoFT, star  2 N ((S - 1) (W_sh + O) + W_part           N (S (2 W_sh + O) + 2 W_part)
                - worker 0's part of W_part)
    LoFT,       (2 N + 1) (S - 1) (W_sh + O)           as above
    direct      + sum of M_t + (1 + E) P
    Local SGD   2 N (S - 1) (W_sh + W_part + O)            N S (2 W_sh + 2 W_part + O)
    GPipe       T (B + B) sum of A + the stages' weights   T (B + 1) sum of A

M_t are the floats of the filters that change workers after round t, (1 - 1/S) W_part on average; P
the floats of the filters of workers 1 to S - 1; E the number of epochs. `direct_counts` computes
them. Post-local SGD, with its own N, and DiLoCo send what Local SGD sends; `compressed_averages`
counts what the methods that compress changes send.

`PROTOCOL` also counts running statistics and momentum where the options send them.
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
        coordinator_works: whether rank 0, the coordinator, is one of the S workers (worker 0, whose
            network is not sent) or an additional process.
        trips_of_other_tensors: how many times per round the tensors of O are sent: 2 is there and
            back, 1 is one way only.
        gradient_of_every_image: true: a pipeline sends back the gradient of each image; false:
            their mean.
        extras: whether running statistics, momentum buffers and collected stages are counted.
        last_norm: whether a BatchNorm after the last block is counted even if there is none.
        classifier: whether the linear layer is counted.
    """

    coordinator_works: bool
    trips_of_other_tensors: int
    gradient_of_every_image: bool
    extras: bool
    last_norm: bool
    classifier: bool


PROTOCOL = Convention(
    coordinator_works=True,
    trips_of_other_tensors=2,
    gradient_of_every_image=True,
    extras=True,
    last_norm=False,
    classifier=True,
)
PAPER = Convention(
    coordinator_works=False,
    trips_of_other_tensors=1,
    gradient_of_every_image=False,
    extras=False,
    last_norm=True,
    classifier=True,
)


@dataclass(frozen=True)
class Pretraining:
    """The facts of a pretraining from which its bytes are computed.

    Attributes:
        method: the method with its options.
        workers: S.
        network: builds the network without values, with the given inner widths of blocks.
        image: shape (channels, height, width).
        batch: B.
        steps: T, the steps of one worker.
        rounds: N.
        epochs: number of epochs; a pipeline's stages are collected once per epoch.
        seed: the run's seed, from which partitions are drawn.
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
