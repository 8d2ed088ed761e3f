"""Settings of this study: the section `soda` of a params file."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from loft.core.data.settings import Fraction
from loft.core.errors import suggestion
from loft.core.settings.keys import OURS, PAPER, key
from loft.core.settings.lookup import choice
from loft.core.settings.schema import Settings
from loft.core.settings.shared import LinkSettings
from loft.core.settings.values import Distinct, Name, Text, Where
from loft.soda.limits import MOST_FEATURES

Normalisation = Literal["none", "max_abs", "standardise", "rows"]
PaperData = Literal["madelon", "real-sim", "rcv1_train"]
MADELON = f"{OURS}; as of madelon (Guyon, 2003)"
SECTION_4 = f"{PAPER}, section 4"


class LibsvmData(Settings):
    """A file in LIBSVM's format, plain or bz2, found under `data_dir` or downloaded there."""

    name: Literal["libsvm"] = key(..., "kind of data", source=OURS)
    dataset: Where = key(..., "name of the file without .bz2", source=OURS)
    data_dir: Where = key("data/libsvm", "folder of the files", source=OURS)
    mirrors: Distinct[Text] = key(
        ["https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets"],
        "addresses of folders that hold binary/ and multiclass/, tried in turn",
        source=OURS,
    )
    positive: Distinct[int] | None = key(
        None, "labels of the class +1; null: the larger of two labels", source=OURS
    )
    features: Annotated[int, Field(gt=0, le=MOST_FEATURES)] | None = key(
        None,
        "features of the data set; null: as published, or else the largest index in the file",
        source=OURS,
    )


class GeneratedData(Settings):
    """scikit-learn's generator of the madelon family: clusters on a hypercube's corners."""

    name: Literal["generated"] = key(..., "kind of data", source=OURS)
    samples: Annotated[int, Field(ge=4)] = key(
        ..., "number of samples", unit="samples", source=OURS
    )
    features: PositiveInt = key(
        ...,
        "number of features; those that are neither informative nor redundant are noise",
        unit="features",
        source=OURS,
    )
    informative: PositiveInt = key(
        5, "features that tell the classes apart", unit="features", source=MADELON
    )
    redundant: NonNegativeInt = key(
        15, "linear combinations of the informative features", unit="features", source=MADELON
    )
    clusters: PositiveInt = key(4, "clusters of each class", source=OURS)
    flipped: Annotated[float, Field(ge=0, lt=1)] = key(
        0.01, "share of labels that are drawn at random", source=MADELON
    )
    seed: NonNegativeInt = key(0, "seed of the generator", source=OURS)

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

    name: Literal["sparse"] = key(..., "kind of data", source=OURS)
    samples: Annotated[int, Field(ge=4)] = key(
        ..., "number of samples", unit="samples", source=OURS
    )
    features: PositiveInt = key(..., "number of features", unit="features", source=OURS)
    density: Fraction = key(..., "share of entries that are not zero, about", source=OURS)
    seed: NonNegativeInt = key(0, "seed of the generator", source=OURS)


if TYPE_CHECKING:
    DataSettings = LibsvmData | GeneratedData | SparseData
else:
    DataSettings = choice(
        Settings, {"libsvm": LibsvmData, "generated": GeneratedData, "sparse": SparseData}
    )


class SimulateSettings(Settings):
    """Which probabilities run, how often, and until when."""

    probabilities: Annotated[Distinct[Fraction], Field(min_length=1)] = key(
        ...,
        "p: share of the entries outside the support that are sent; 1 is DAve-PG",
        source=SECTION_4,
    )
    curves: Distinct[Fraction] = key(
        [], "values of p whose first repetition's curves are kept, for Figures 1 and 3", source=OURS
    )
    repetitions: PositiveInt = key(10, "runs of each p", source=SECTION_4)
    target: PositiveFloat = key(
        1e-12,
        "suboptimality to reach, relative to the optimum's value; the paper's 1e-15 is below what "
        "sums in float64 tell apart",
        source=OURS,
    )
    epochs: PositiveInt = key(
        ...,
        "longest run; a run that has not reached the target by then has failed",
        unit="epochs",
        source=OURS,
    )
    measure_every: PositiveInt = key(..., "time between measurements", unit="epochs", source=OURS)

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

    name: Name = key(..., "name of the problem in tables and paths", source=OURS)
    data: DataSettings = key(..., "the samples", source=SECTION_4)
    stands_for: PaperData | None = key(
        None,
        "data set of the paper that this problem replaces in tables and figures; null: it replaces "
        "none",
        source=OURS,
    )
    normalisation: Normalisation = key(
        ..., "of features: none, max_abs, standardise; or of rows, to unit length", source=OURS
    )
    lambda_1: PositiveFloat = key(..., "weight of the l1 norm", source=SECTION_4)
    lambda_2: PositiveFloat = key(1e-3, "weight of the squared l2 norm", source=SECTION_4)
    gamma: PositiveFloat | None = key(
        None, "the step; null: the largest of the theory, 2 / (mu + max L_i)", source=PAPER
    )
    figures: Distinct[Literal[1, 2, 3]] = key(
        [], "figures of the paper that the problem appears in", source=SECTION_4
    )
    simulate: SimulateSettings | None = key(
        None, "what is simulated; null: only the optimum is found", source=SECTION_4
    )

    @model_validator(mode="after")
    def _something_to_draw(self) -> Self:
        if self.figures and self.simulate is None:
            raise ValueError("figures: found some; expected none where simulate is null")
        return self


class NetworkSettings(LinkSettings):
    """What an event takes in simulated time: both messages' way and a worker's two products."""

    compute: NonNegativeFloat = key(
        1e-9, "time for each stored number that a product reads", unit="s", source=OURS
    )
    spread: Annotated[float, Field(ge=1)] = key(
        4.0, "time of the slowest worker over that of the fastest, at most", source=OURS
    )


class ProcessesSettings(Settings):
    """A run of real processes: a master and its workers."""

    problem: Name = key(..., "name of a problem of the run", source=OURS)
    workers: Annotated[int, Field(ge=1, le=64)] = key(..., "worker processes", source=OURS)
    p: Fraction = key(0.1, "share of the entries outside the support that are sent", source=OURS)
    target: PositiveFloat = key(
        1e-12, "suboptimality to reach, relative to the optimum's value", source=OURS
    )
    epochs: PositiveInt = key(..., "length of the run at most", unit="epochs", source=OURS)
    measure_every: PositiveInt = key(..., "time between measurements", unit="epochs", source=OURS)


class SodaSettings(Settings):
    """The study's section."""

    seed: NonNegativeInt = key(
        0, "seed of masks, workers' speeds, and which samples a worker holds", source=OURS
    )
    workers: PositiveInt = key(20, "M: workers of every simulation", source=SECTION_4)
    kkt_tolerance: PositiveFloat = key(
        1e-14, "largest entry of the smallest subgradient at the optimum", source=OURS
    )
    restart_patience: PositiveInt = key(
        40, "measurements in a row above the best before a run starts anew", source=OURS
    )
    curve_points: Annotated[int, Field(ge=2)] = key(
        200, "points that are kept of a curve", source=OURS
    )
    network: NetworkSettings = key(NetworkSettings(), "what simulated time is made of", source=OURS)
    problems: Annotated[Distinct[ProblemSettings], Field(min_length=1)] = key(
        ..., "rows of Table 1", source=SECTION_4
    )
    processes: ProcessesSettings | None = key(
        None, "a run of real processes; null: none", source=OURS
    )
    tickets_table: Where | None = key(
        None, "CSV of LoFT's Table 1 to compare bytes with; null: none", source=OURS
    )

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
