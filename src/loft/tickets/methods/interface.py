"""Define the base class of pretraining methods, and what methods are given and return.

A method is one file with two classes. One is a `Method`: its fields are the method's keys in a
params file, and its functions tell the rest of the project what it needs to know, such as how many
bytes are sent. The other is a `Worker` (see `worker`), which trains. No other code asks which
method it has.

This module and the methods' files import torch only inside functions, so that checking a params
file and building the graph stay fast.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Protocol, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from loft.core.settings.keys import OURS, PAPER, key
from loft.core.settings.lookup import load
from loft.core.settings.schema import Settings
from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.settings.values import Distinct
from loft.tickets.methods import METHODS, base

if TYPE_CHECKING:
    from torch import Tensor, nn

    from loft.core.processes.workers import Workers
    from loft.tickets.methods.convention import Convention, NetworkOf, Pretraining
    from loft.tickets.methods.worker import Worker

TABLE_1 = f"{PAPER}, Table 1"
ACROSS = (0, (6, 1))  # long dashes
VariantName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Look(NamedTuple):
    """How tables and figures show a method.

    Attributes:
        title: the method's name.
        colour: colour of its curves and marks, as hexadecimal RGB.
        mark: matplotlib marker of its points.
        across: matplotlib dashes of the horizontal line that shows a cell without transfers in the
            figure of accuracy against costs.
    """

    title: str
    colour: str
    mark: str
    across: str | tuple[int, tuple[int, ...]] = ACROSS


class Share(NamedTuple):
    """The part of the network that one worker trains: narrower blocks, some layers, or all of it.

    Attributes:
        filters: the inner widths of its blocks, by path; blocks not named have all filters.
        layers: the paths of its layers, in order; () means all of them.
    """

    filters: Mapping[str, int] = {}
    layers: tuple[str, ...] = ()


class SharedTraining(NamedTuple):
    """A cell that trains for another cell too, because both trainings have the same bits.

    Attributes:
        method, workers: the cell that trains.
        measured_steps: steps that the other cell still takes, to count bytes and to measure memory
            and time.
    """

    method: str
    workers: int
    measured_steps: int


class RunFacts(NamedTuple):
    """The facts of a run that a method's options are checked against.

    Attributes:
        batch_size: images in a batch of pretraining.
        epochs: of pretraining.
        least_ratio: the least of the ratios that tickets are pruned at.
        narrowest: filters in the narrowest partitioned block of the run's networks.
        single_value: the reason why BatchNorm cannot train on a single image; "" if it can.
    """

    batch_size: int
    epochs: int
    least_ratio: float
    narrowest: int
    single_value: str


class Sizes(Protocol):
    """Sizes of a network or of a part of it.

    Attributes:
        parameters: number of trained parameters.
        state_bytes: bytes of all tensors, including running statistics.
        largest_weight: numbers in the largest tensor of parameters.
    """

    @property
    def parameters(self) -> int: ...
    @property
    def state_bytes(self) -> int: ...
    @property
    def largest_weight(self) -> int: ...


@dataclass(frozen=True)
class Setup:
    """Everything that a method's worker is built from: network, settings and workers.

    Attributes:
        build: builds the run's network with the given inner widths of blocks (none: full width).
            It has the seed's initial weights or, without `initialise`, no values ("meta").
        calibration: yields the training images on which BatchNorm statistics are estimated again.
        image: shape (channels, height, width) of an image.
        options: the method's options, an instance of its class.
        epochs: of the pretraining.
    """

    build: "Callable[..., nn.Sequential]"
    calibration: "Callable[[], Iterator[Tensor]]"
    image: tuple[int, int, int]
    options: Any
    seed: int
    epochs: int
    sgd: SgdSettings
    compute: ComputeSettings
    workers: "Workers"


class Method(Settings):
    """A pretraining method: its options, and functions that describe it.

    A method defines `look`, `worker` and, where workers send something, `sent`. The other functions
    have defaults for a method whose workers each train the whole network and synchronise at the end
    of every epoch.

    Attributes:
        look: how tables and figures show the method.
        takes_turns: whether its workers can take turns in one process, on one GPU.
        own_orders: whether each worker sees the images in an order of its own; if not, all work on
            the same batches.
        plain: options with which one worker, or the fewest that the method can have, trains exactly
            as plain SGD does. The tests of all methods use them.
    """

    look: ClassVar[Look]
    takes_turns: ClassVar[bool] = True
    own_orders: ClassVar[bool] = True
    plain: ClassVar[Mapping[str, Any]] = {}

    workers: Annotated[Distinct[PositiveInt], Field(min_length=1)] = key(
        [1], "numbers of workers, each a row of Table 1", source=TABLE_1
    )
    learning_rate: PositiveFloat | None = key(
        None,
        "learning rate at the start of pretraining; null: pretrain.sgd's",
        source=OURS,
        neutral=None,
    )
    variants: dict[VariantName, Self] = key(
        {},
        "rows of Table 1 for the same method with other options, by name; each says what differs",
        source=OURS,
        neutral={},
    )

    @model_validator(mode="before")
    @classmethod
    def _complete_variants(cls, values: Any) -> Any:
        """Give every variant the method's own values of the keys that it does not name."""
        variants = values.get("variants") if isinstance(values, Mapping) else None
        if not isinstance(variants, Mapping):
            return values
        own = {name: value for name, value in values.items() if name != "variants"}
        whole = {
            name: {**own, **variant} if isinstance(variant, Mapping) else variant
            for name, variant in variants.items()
        }
        return {**values, "variants": whole}

    @model_validator(mode="after")
    def _one_level(self) -> Self:
        for name, variant in self.variants.items():
            if variant.variants:
                raise ValueError(f"variants.{name}.variants: a variant has no variants of its own")
        return self

    @abstractmethod
    def worker(self, setup: Setup) -> "Worker":
        """Build one worker of the method."""

    @classmethod
    def with_workers(cls, workers: int) -> "Method":
        """Return the method with this number of workers and without other options.

        It is for counting by the paper's convention, which uses no option.
        """
        return cls.model_construct(workers=[workers])

    # Checks against a run

    def conflicts(self, run: RunFacts) -> Iterator[str]:
        """Yield a line for each option that the run cannot use: key, found and expected value."""
        yield from ()

    # Training

    def round_length(self) -> int | None:
        """Return the local iterations of a round; None if a round is an epoch.

        A number means that workers train their own networks for so many steps. The end of an epoch
        also ends a round.
        """
        return None

    def rounds_per_epoch(self, iterations: int) -> int:
        """Return the number of rounds in an epoch of `iterations` steps."""
        return -(-iterations // (self.round_length() or iterations))

    @property
    def synchronous_epochs(self) -> int:
        """The number of first epochs in which workers synchronise after every step."""
        return 0

    @property
    def rate_periods(self) -> int:
        """The number of equal parts of a pretraining, in each of which the learning rate falls."""
        return 1

    def count_rounds(self, epochs: int, iterations: int) -> int:
        """Return the number of rounds in `epochs` epochs of `iterations` steps each."""
        first = min(self.synchronous_epochs, epochs)
        return first * iterations + (epochs - first) * self.rounds_per_epoch(iterations)

    @property
    def recalibrates(self) -> bool:
        """Whether the global model's BatchNorm statistics are estimated again for evaluation."""
        return False

    def divisor(self, workers: int) -> int:
        """Return the divisor of the partitioned branches in the global model."""
        return 1

    def shared(self, name: str, workers: int) -> SharedTraining | None:
        """Return the cell that trains for a cell of this method; None if it trains itself.

        Args:
            name: of this method in `METHODS`.
            workers: of the cell.
        """
        return None

    # Sizes, bytes and operations

    def shares(self, network: "nn.Sequential", workers: int) -> list[Share]:
        """Return the part of the network that each worker trains, in order of rank."""
        return [Share()] * workers

    def networks(self, network: "NetworkOf", workers: int) -> "list[nn.Sequential]":
        """Return the whole network and the workers' narrower networks, without values."""
        whole = network(None)
        shares = self.shares(whole, workers)
        widths = dict.fromkeys(tuple(share.filters.items()) for share in shares if share.filters)
        return [whole, *(network(dict(filters)) for filters in widths)]

    def sent(self, pretraining: "Pretraining", convention: "Convention") -> float:
        """Return how many floats all workers send in a pretraining, computed from shapes."""
        return 0

    def step_operations(self, shares: Sequence[float]) -> float:
        """Return the operations on the longest path of a step.

        Args:
            shares: operations of each worker.
        """
        return max(shares)

    def host_bytes(self, whole: Sizes, shares: Sequence[Sizes]) -> int:
        """Return the most bytes of the whole network that rank 0 ever holds in host memory.

        Its own part, on its device, is not counted.
        """
        return 0

    def kept_bytes(self, network: "nn.Sequential") -> int:
        """Return the bytes that each worker keeps on its device from round to round.

        The worker's own network, its gradients and its momentum are not counted.

        Args:
            network: the whole network, without values.
        """
        return 0

    @property
    def keeps_momentum(self) -> bool:
        """Whether momentum buffers stay in memory while workers synchronise."""
        return True

    def synchronising_bytes(self, rank: int, own: Sizes, whole: Sizes) -> int:
        """Return the bytes that a worker needs to synchronise, in addition to its own network."""
        return 0

    def evaluating_bytes(self, whole: Sizes, network: "nn.Sequential") -> int:
        """Return the bytes of the global model that rank 0 evaluates, and of its copies.

        Args:
            whole: sizes of the whole network.
            network: the whole network, without values.
        """
        return whole.state_bytes


def find(name: str) -> type[Method]:
    """Return the class of the method called `name` in `METHODS`, or of a variant of it."""
    found: type[Method] = load(METHODS[base(name)])
    return found
