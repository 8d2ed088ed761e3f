"""The settings of this study: the section `soda` of a params file."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from loft.core.data.augmentation import Fraction
from loft.core.errors import suggestion
from loft.core.settings.lookup import choice
from loft.core.settings.schema import Settings
from loft.core.settings.shared import Header
from loft.core.settings.values import Distinct, Name, Text, Where

Normalisation = Literal["none", "max_abs", "standardise", "rows"]
PaperData = Literal["madelon", "real-sim", "rcv1_train"]
MOST_FEATURES = 100_000_000  # a vector of so many takes 0.8 GB; the largest published have half


class LibsvmData(Settings):
    """A file in LIBSVM's format, plain or bz2, found under `data_dir` or downloaded there."""

    name: Literal["libsvm"]
    dataset: Where  # the file's name without .bz2
    data_dir: Where
    mirrors: Distinct[Text]  # addresses of folders that hold binary/ and multiclass/, tried in turn
    positive: Distinct[int] | None  # labels of the class +1; null: the larger of two labels
    features: Annotated[int, Field(gt=0, le=MOST_FEATURES)] | None = None  # of the data set; null:
    # as published, or else the largest index in the file


class GeneratedData(Settings):
    """scikit-learn's generator of the madelon family: clusters on a hypercube's corners."""

    name: Literal["generated"]
    samples: Annotated[int, Field(ge=4)]
    features: PositiveInt
    informative: PositiveInt
    redundant: NonNegativeInt  # linear combinations of the informative ones; the rest is noise
    clusters: PositiveInt  # in each class
    flipped: Annotated[float, Field(ge=0, lt=1)]  # share of labels drawn at random
    seed: NonNegativeInt

    @model_validator(mode="after")
    def _enough_features(self) -> Self:
        if self.informative + self.redundant > self.features:
            wanted = self.informative + self.redundant
            raise ValueError(
                f"features: found {self.features}; expected at least informative + redundant,"
                f" {wanted}"
            )
        if self.clusters * 2 > 2**self.informative:
            most = 2**self.informative // 2
            raise ValueError(f"clusters: found {self.clusters}; expected at most {most}")
        return self


class SparseData(Settings):
    """Generated sparse samples, features as unevenly used as words are, in rows of unit length."""

    name: Literal["sparse"]
    samples: Annotated[int, Field(ge=4)]
    features: PositiveInt
    density: Fraction  # of entries that are not zero, about
    seed: NonNegativeInt


if TYPE_CHECKING:
    DataSettings = LibsvmData | GeneratedData | SparseData
else:
    DataSettings = choice(
        Settings, {"libsvm": LibsvmData, "generated": GeneratedData, "sparse": SparseData}
    )


class SimulateSettings(Settings):
    """Which probabilities run, how often, and until when."""

    probabilities: Annotated[Distinct[Fraction], Field(min_length=1)]  # p = 1 is DAve-PG
    curves: Distinct[
        Fraction
    ]  # of these the first repetition's curves are kept, for Figures 1 and 3
    repetitions: PositiveInt
    target: PositiveFloat  # suboptimality, relative to the optimum's value
    epochs: PositiveInt  # at most; a run that is not at the target by then has failed
    measure_every: PositiveInt  # epochs

    @model_validator(mode="after")
    def _known_curves(self) -> Self:
        for p in self.curves:
            if p not in self.probabilities:
                raise ValueError(f"curves: found {p:g}; expected some of probabilities")
        if 1 not in self.probabilities:
            raise ValueError("probabilities: found no 1; expected DAve-PG's p = 1 among them")
        return self


class ProblemSettings(Settings):
    """Data, the losses on them, and what is run. A row of Table 1."""

    name: Name
    data: DataSettings
    stands_for: PaperData | None  # the paper's data set whose place in tables and figures it takes
    normalisation: Normalisation
    lambda_1: PositiveFloat
    lambda_2: PositiveFloat
    gamma: PositiveFloat | None  # the step; null: the largest of the theory, 2 / (mu + max L_i)
    figures: Distinct[Literal[1, 2, 3]]
    simulate: SimulateSettings | None  # null: the optimum alone

    @model_validator(mode="after")
    def _something_to_draw(self) -> Self:
        if self.figures and self.simulate is None:
            raise ValueError("figures: found some; expected none where simulate is null")
        return self


class NetworkSettings(Settings):
    """What an event takes in simulated time: both messages' way and a worker's two products."""

    latency: NonNegativeFloat  # seconds a message
    bandwidth: PositiveFloat  # bytes a second, of each worker's link
    compute: NonNegativeFloat  # seconds for each stored number that a product reads
    spread: Annotated[float, Field(ge=1)]  # slowest worker over fastest, at most


class ProcessesSettings(Settings):
    """A run of real processes: a master and its workers."""

    problem: Name
    workers: Annotated[int, Field(ge=1, le=64)]
    p: Fraction
    target: PositiveFloat
    epochs: PositiveInt
    measure_every: PositiveInt


class SodaSettings(Settings):
    """The study's section."""

    seed: NonNegativeInt
    workers: PositiveInt  # M of every simulation
    kkt_tolerance: PositiveFloat  # of the optimum: the largest entry of the smallest subgradient
    restart_patience: PositiveInt  # measurements in a row above the best before one starts anew
    curve_points: Annotated[int, Field(ge=2)]  # kept of a curve
    network: NetworkSettings
    problems: Annotated[Distinct[ProblemSettings], Field(min_length=1)]
    processes: ProcessesSettings | None
    tickets_table: Where | None  # the CSV of LoFT's Table 1, to compare bytes with

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = [problem.name for problem in self.problems]
        if self.processes is not None and self.processes.problem not in names:
            found = self.processes.problem
            raise ValueError(
                f"processes: found problem {found!r}; expected one of {names}"
                f"{suggestion(found, names)}"
            )
        return self

    def problem(self, name: str) -> ProblemSettings:
        return next(problem for problem in self.problems if problem.name == name)


class Run(Header):
    """The keys of this study."""

    soda: SodaSettings
