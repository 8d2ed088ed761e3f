"""A run of the tickets study: its params file, checked as a whole, and the jobs that it makes."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from loft.core.config import (
    AUGMENTATIONS,
    AugmentSettings,
    ComputeSettings,
    DataSettings,
    ModelSettings,
    Name,
    Settings,
    SgdSettings,
    read_yaml,
    validate,
)
from loft.tickets.criteria import CRITERIA
from loft.tickets.jobs import (
    UNPRUNED,
    Cell,
    Control,
    ControlJob,
    DistanceJob,
    FiguresJob,
    FinetuneJob,
    GPipeOptions,
    LocalSgdOptions,
    LoftOptions,
    MethodOptions,
    PretrainJob,
    PruneJob,
    Ratio,
    TableJob,
    TicketName,
    VerdictSettings,
)


class Methods(Settings):
    """The pretraining methods of a run; leave one out by leaving out its key."""

    dense: MethodOptions | None = None
    gpipe: GPipeOptions | None = None
    local_sgd: LocalSgdOptions | None = None
    loft: LoftOptions | None = None


class PretrainSettings(Settings):
    """How long and how to pretrain, the same for all methods."""

    epochs: PositiveInt
    snapshot_every: PositiveInt  # epochs
    evaluate_every: PositiveInt  # epochs; snapshots and the last epoch are always evaluated
    calibration_images: PositiveInt
    sgd: SgdSettings


class PruneSettings(Settings):
    """Which tickets are cut out of every snapshot, by which criterion."""

    ratios: Annotated[list[Ratio], Field(min_length=1)]
    criterion: str


class EarlySettings(Settings):
    """Which tickets of snapshots before the last are fine-tuned (Figure 5)."""

    cells: list[str]
    ratios: list[Ratio]


class FinetuneSettings(Settings):
    """How tickets are trained to the end."""

    epochs: PositiveInt
    evaluate_every: PositiveInt
    sgd: SgdSettings
    early: EarlySettings


class Run(Settings):
    """A params file."""

    run: Name
    studies: Annotated[list[Literal["tickets"]], Field(min_length=1)]
    seeds: Annotated[list[NonNegativeInt], Field(min_length=1)]
    data: DataSettings
    augment: AugmentSettings
    models: Annotated[list[ModelSettings], Field(min_length=1)]
    compute: ComputeSettings
    methods: Methods
    pretrain: PretrainSettings
    prune: PruneSettings
    controls: list[Control]
    finetune: FinetuneSettings
    verdict: VerdictSettings
    distance: DistanceJob

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check a params file. Raises UserError."""
        return validate(cls, read_yaml(path), str(path))

    @property
    def cells(self) -> list[Cell]:
        """The rows of Table 1 that this run makes."""
        return [
            Cell(method, workers)
            for method, options in self.methods
            if options is not None
            for workers in options.workers
        ]

    @property
    def trained(self) -> list[str]:
        """The cells that train networks of their own."""
        return [cell.name for cell in self.cells if self.trainer(cell.name) == cell.name]

    @property
    def measured(self) -> list[str]:
        """The cells whose training is another's, and that are only measured."""
        return [cell.name for cell in self.cells if self.trainer(cell.name) != cell.name]

    def trainer(self, cell: str) -> str:
        """Return the cell whose training is this one's, bit for bit: mostly itself.

        A pipeline's gradient is the whole batch's, whatever the number of stages, and with one
        micro-batch BatchNorm too sees what it sees densely.
        """
        gpipe = self.methods.gpipe
        if gpipe is None or Cell.parse(cell).method != "gpipe":
            return cell
        return "dense" if gpipe.microbatches == 1 else Cell("gpipe", gpipe.workers[0]).name

    @property
    def snapshots(self) -> list[int]:
        """Epochs after which pretraining keeps its weights: 0, every `snapshot_every`, the last."""
        last = self.pretrain.epochs
        return sorted({*range(0, last, self.pretrain.snapshot_every), last})

    @property
    def schedule(self) -> int:
        """Epochs of pretraining and fine-tuning together."""
        return self.pretrain.epochs + self.finetune.epochs

    def model(self, name: str) -> ModelSettings:
        return next(model for model in self.models if model.name == name)

    def pretrain_job(self, model: str, cell: str, seed: int) -> PretrainJob:
        """Return the job of a cell, or of the dense column: dense over the whole schedule."""
        epochs, snapshots = self.pretrain.epochs, self.snapshots
        method, workers = Cell.parse("dense" if cell == UNPRUNED else cell)
        if cell == UNPRUNED:
            epochs = self.schedule
            snapshots = [epochs]
        options: MethodOptions = getattr(self.methods, method)
        steps = options.measured_steps if isinstance(options, GPipeOptions) else None
        measured = cell in self.measured
        return PretrainJob(
            cell=cell,
            model=self.model(model),
            method=method,
            workers=workers,
            options=options.model_copy(update={"workers": [workers]}),
            seed=seed,
            epochs=epochs,
            snapshots=snapshots,
            evaluate_every=self.pretrain.evaluate_every,
            calibration_images=self.pretrain.calibration_images,
            sgd=self.pretrain.sgd,
            augment=self.augment,
            compute=self.compute,
            trained_by=self.trainer(cell) if measured else None,
            measured_steps=steps if measured else None,
        )

    def prune_job(self) -> PruneJob:
        prune = self.prune
        return PruneJob(epochs=self.snapshots, ratios=prune.ratios, criterion=prune.criterion)

    def control_job(self, control: Control) -> ControlJob:
        return ControlJob(control=control, epoch=self.pretrain.epochs, ratios=self.prune.ratios)

    def tickets(self, cell: str) -> list[TicketName]:
        """Return which tickets of a pretraining are fine-tuned.

        All of the last snapshot; of earlier ones those of `finetune.early`. The untrained
        network's ticket is the same for all methods, so `dense` alone has it.
        """
        early = self.finetune.early
        drawn = [self.trainer(name) for name in early.cells]
        chosen = [(self.pretrain.epochs, ratio) for ratio in self.prune.ratios]
        for epoch in self.snapshots[:-1]:
            if cell == "dense" if epoch == 0 else cell in drawn:
                chosen += [(epoch, ratio) for ratio in early.ratios]
        return [TicketName(snapshot=epoch, ratio=ratio) for epoch, ratio in sorted(chosen)]

    def finetune_job(self, cell: str, seed: int) -> FinetuneJob:
        """Return the job of a cell or a control; a network from scratch has the whole schedule."""
        scratch = cell == "scratch"
        return FinetuneJob(
            tickets=self.tickets(cell),
            seed=seed,
            epochs=self.schedule if scratch else self.finetune.epochs,
            evaluate_every=self.finetune.evaluate_every,
            sgd=self.pretrain.sgd if scratch else self.finetune.sgd,
            augment=self.augment,
            compute=self.compute,
        )

    def table_job(self) -> TableJob:
        return TableJob(verdict=self.verdict)

    def figures_job(self) -> FiguresJob:
        return FiguresJob(cells=self.finetune.early.cells)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        """Refuse combinations that no run can carry out."""
        names = {cell.name for cell in self.cells}
        if "dense" not in names:
            raise ValueError("methods.dense: missing; it makes Table 1's dense column")
        for cell in self.finetune.early.cells:
            if cell not in names:
                raise ValueError(
                    f"finetune.early.cells: found '{cell}'; expected some of {sorted(names)}"
                )
        for ratio in self.finetune.early.ratios:
            if ratio not in self.prune.ratios:
                raise ValueError(
                    f"finetune.early.ratios: found {ratio}; expected some of {self.prune.ratios}"
                )
        if self.prune.criterion not in CRITERIA:
            raise ValueError(
                f"prune.criterion: found '{self.prune.criterion}'; "
                f"expected one of {sorted(CRITERIA)}"
            )
        if self.pretrain.snapshot_every > self.pretrain.epochs:
            raise ValueError(
                f"pretrain.snapshot_every: found {self.pretrain.snapshot_every}; expected at most "
                f"pretrain.epochs ({self.pretrain.epochs})"
            )
        self._possible_data()
        self._possible_workers()
        return self

    def _possible_data(self) -> None:
        wanted, found = AUGMENTATIONS[self.data.kind].model_fields, self.augment.model_fields_set
        if set(wanted) != found:
            raise ValueError(
                f"augment: found {', '.join(sorted(found))}; expected {', '.join(wanted)} "
                f"for data.name {self.data.name}"
            )
        counts = {
            "pretrain.sgd.batch_size": self.pretrain.sgd.batch_size,
            "finetune.sgd.batch_size": self.finetune.sgd.batch_size,
            "pretrain.calibration_images": self.pretrain.calibration_images,
        }
        most = self.data.train_images
        for key, count in counts.items():
            if most is not None and count > most:
                raise ValueError(
                    f"{key}: found {count}; expected at most data.train_images ({most})"
                )

    def _possible_workers(self) -> None:
        dense, gpipe, loft = self.methods.dense, self.methods.gpipe, self.methods.loft
        if dense is not None and dense.workers != [1]:
            raise ValueError(f"methods.dense.workers: found {dense.workers}; expected [1]")
        if gpipe is not None:
            batch, parts = self.pretrain.sgd.batch_size, gpipe.microbatches
            if batch % parts:
                raise ValueError(
                    f"methods.gpipe.microbatches: found {parts}; expected a divisor of "
                    f"pretrain.sgd.batch_size ({batch})"
                )
            if extra := set(gpipe.workers) - {2, 4}:
                raise ValueError(
                    f"methods.gpipe.workers: found {sorted(extra)}; expected 2 and 4 only"
                )
        if loft is not None:
            fewest = min(2 * model.width for model in self.models)  # the first partitioned group's
            if max(loft.workers) > fewest:
                raise ValueError(
                    f"methods.loft.workers: found {max(loft.workers)}; expected at most {fewest}, "
                    "the filters of the narrowest partitioned block"
                )
