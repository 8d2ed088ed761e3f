"""What a pretraining method is: a class of options that answers for itself.

A method is one file with two classes. One is a `Method`: its fields are the method's keys in a
params file, and its functions answer what the rest of the project asks, such as how many bytes are
sent. The other is a `Worker` (see `worker`), which trains. No code outside asks which method it is.

This module and the methods' files import torch only inside functions, so that a params file is
checked and the graph is built in a moment.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Protocol

from pydantic import Field, PositiveInt

from loft.core.settings.keys import PAPER, key
from loft.core.settings.lookup import load
from loft.core.settings.schema import Settings
from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.settings.values import Distinct
from loft.tickets.methods import METHODS

if TYPE_CHECKING:
    from torch import Tensor, nn

    from loft.core.processes.workers import Workers
    from loft.tickets.methods.convention import Convention, NetworkOf, Pretraining
    from loft.tickets.methods.worker import Worker

TABLE_1 = f"{PAPER}, Table 1"
ACROSS = (0, (6, 1))  # long dashes


class Look(NamedTuple):
    """How tables and figures show a method.

    Attributes:
        title: its name.
        colour: of its curves and marks, as hexadecimal RGB.
        mark: of its points, as matplotlib names it.
        across: the dashes of the line that stands for a cell that sends nothing, in a figure of
            bytes, as matplotlib names them.
    """

    title: str
    colour: str
    mark: str
    across: str | tuple[int, tuple[int, int]] = ACROSS


class Share(NamedTuple):
    """What one worker trains of the network: a narrower one, or some layers of it, or all.

    Attributes:
        filters: the inner widths of its blocks, by path; blocks not named have all filters.
        layers: the paths of its layers, in order; () means all of them.
    """

    filters: Mapping[str, int] = {}
    layers: tuple[str, ...] = ()


class SharedTraining(NamedTuple):
    """The cell whose training is another cell's too, bit for bit.

    Attributes:
        method, workers: the cell that trains.
        measured_steps: steps that the other cell takes nevertheless, to count its bytes and measure
            its memory and time.
    """

    method: str
    workers: int
    measured_steps: int


class RunFacts(NamedTuple):
    """What of a run a method's options are held against.

    Attributes:
        batch_size: images in a batch of pretraining.
        narrowest: filters of the narrowest partitioned block of the run's networks.
        single_value: why BatchNorm cannot train on one image alone; "" where it can.
    """

    batch_size: int
    narrowest: int
    single_value: str


class Sizes(Protocol):
    """The sizes of a network or of a part of it.

    Attributes:
        parameters: how many numbers are trained.
        state_bytes: bytes of all its tensors, running statistics included.
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
    """What a worker of a method is built from: the model, its config and the workers.

    Attributes:
        build: makes the run's network with the given inner widths of blocks (none: full), with the
            seed's initial weights or, unless `initialise`, without values on "meta".
        calibration: yields the training images for re-estimated BatchNorm statistics.
        image: shape (channels, height, width) of an image.
        options: the method's own, of its class.
    """

    build: "Callable[..., nn.Sequential]"
    calibration: "Callable[[], Iterator[Tensor]]"
    image: tuple[int, int, int]
    options: Any
    seed: int
    sgd: SgdSettings
    compute: ComputeSettings
    workers: "Workers"


class Method(Settings):
    """A pretraining method: its keys, and its answers.

    A method states its `look` and its `worker`, and, where workers send something, `sent`. The
    other answers given here are those of a method whose workers each train the whole network and
    synchronise at the end of every epoch.

    Attributes:
        look: how tables and figures show it.
        takes_turns: whether its workers can take turns in one process, on one GPU.
    """

    look: ClassVar[Look]
    takes_turns: ClassVar[bool] = True

    workers: Annotated[Distinct[PositiveInt], Field(min_length=1)] = key(
        [1], "numbers of workers, each a row of Table 1", source=TABLE_1
    )

    @abstractmethod
    def worker(self, setup: Setup) -> "Worker":
        """Build one worker of the method."""

    @classmethod
    def with_workers(cls, workers: int) -> "Method":
        """Return the method with this number of workers and no other option stated.

        It serves where a convention of counting asks for no option, as the paper's does.
        """
        return cls.model_construct(workers=[workers])

    # How it is checked against a run

    def conflicts(self, run: RunFacts) -> Iterator[str]:
        """Yield which options a run cannot carry out: key, what was found, what was expected."""
        yield from ()

    # How it trains

    def round_length(self) -> int | None:
        """Return the local iterations of a round; None: a round is an epoch.

        A number means that workers train networks of their own for so long. A round also ends with
        an epoch.
        """
        return None

    def rounds_per_epoch(self, iterations: int) -> int:
        """Return how often workers synchronise in an epoch of so many iterations."""
        return -(-iterations // (self.round_length() or iterations))

    @property
    def recalibrates(self) -> bool:
        """Whether the global model's BatchNorm statistics are estimated anew for evaluation."""
        return False

    def divisor(self, workers: int) -> int:
        """Return what the global model's partitioned branches are divided by."""
        return 1

    def shared(self, name: str, workers: int) -> SharedTraining | None:
        """Return whose training a cell of this method, called `name`, has; None: it has its own."""
        return None

    # What its workers train, send and hold

    def shares(self, network: "nn.Sequential", workers: int) -> list[Share]:
        """Return what each worker trains, in order of rank."""
        return [Share()] * workers

    def networks(self, network: "NetworkOf", workers: int) -> "list[nn.Sequential]":
        """Return the whole network and the narrower ones that workers train, without values."""
        whole = network(None)
        shares = self.shares(whole, workers)
        widths = dict.fromkeys(tuple(share.filters.items()) for share in shares if share.filters)
        return [whole, *(network(dict(filters)) for filters in widths)]

    def sent(self, pretraining: "Pretraining", convention: "Convention") -> float:
        """Return how many numbers all workers send in a pretraining, from shapes."""
        return 0

    def step_operations(self, shares: Sequence[float]) -> float:
        """Return the operations that a step lasts for, of those of each worker's share."""
        return max(shares)

    def host_bytes(self, whole: Sizes, shares: Sequence[Sizes]) -> int:
        """Return the bytes of the whole network that rank 0 holds in host memory in training.

        Its own share on its device is left out.
        """
        return 0

    @property
    def keeps_momentum(self) -> bool:
        """Whether momentum buffers stay in memory while workers synchronise."""
        return True

    def synchronising_bytes(self, rank: int, own: Sizes, whole: Sizes) -> int:
        """Return the bytes that a worker holds while it synchronises, beside its own share."""
        return 0

    def evaluating_bytes(self, whole: Sizes, network: "nn.Sequential") -> int:
        """Return the bytes of the global model that rank 0 evaluates, and of what it is made of.

        Args:
            whole: sizes of the whole network.
            network: the same, without values.
        """
        return whole.state_bytes


def find(name: str) -> type[Method]:
    """Return the class of the method called `name` in `METHODS`."""
    found: type[Method] = load(METHODS[name])
    return found
