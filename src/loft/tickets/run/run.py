"""Define a run of the tickets study: its keys in a params file, and its jobs."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import Field, NonNegativeInt, ValidationInfo, field_validator, model_validator

from loft.core.data.augmentation import KINDS
from loft.core.data.settings import AugmentSettings
from loft.core.data.sources import DataSettings
from loft.core.settings.keys import OURS, PAPER, key
from loft.core.settings.shared import ComputeSettings, Header, SgdSettings
from loft.core.settings.values import Distinct
from loft.models import ModelSettings
from loft.tickets.finetuning.job import FinetuneJob
from loft.tickets.methods import base
from loft.tickets.methods.interface import SharedTraining
from loft.tickets.pretraining.job import PretrainJob, WorkerChangesJob
from loft.tickets.pruning.job import ControlJob, DistanceJob, PruneJob, TicketName
from loft.tickets.report.job import FiguresJob, LearningRatesJob, TableJob, VerdictSettings
from loft.tickets.results.cells import DENSE, FROM_START, UNPRUNED, UNTRAINED, Cell, Control
from loft.tickets.run import conflicts
from loft.tickets.run.settings import (
    FinetuneSettings,
    Methods,
    PretrainSettings,
    PruneSettings,
    RatesSettings,
    WorkerChangesSettings,
)


class Run(Header):
    """The keys of this study."""

    seeds: Annotated[Distinct[NonNegativeInt], Field(min_length=1)] = key(
        [0, 1, 2], "seeds, each a repetition of all trainings", source=f"{OURS}; the paper has none"
    )
    data: DataSettings = key(..., "the images", source=f"{PAPER}, section 6")
    augment: Annotated[AugmentSettings, Field(validate_default=True)] = key(
        {}, "how training images are varied; which keys there are depends on `data`", source=OURS
    )
    models: Annotated[Distinct[ModelSettings], Field(min_length=1)] = key(
        ..., "the networks", source=f"{PAPER}, section 6"
    )
    compute: ComputeSettings = key(ComputeSettings(), "how arithmetic is done", source=OURS)
    methods: Methods = key(..., "the pretraining methods", source=f"{PAPER}, section 6")
    pretrain: PretrainSettings = key(PretrainSettings(), "pretraining", source=PAPER)
    rates: RatesSettings | None = key(
        None, "comparing learning rates; null: they are not compared", source=OURS, neutral=None
    )
    updates: WorkerChangesSettings | None = key(
        None, "measuring what workers change in a round; null: not measured", source=OURS
    )
    prune: PruneSettings = key(PruneSettings(), "pruning", source=PAPER)
    controls: Distinct[Control] = key(
        ["random", "scratch"],
        "tickets made without the ranking: `random`: random filters of the dense network; "
        "`scratch`: the ticket's shape with new weights; `synflow`: filters of the untrained "
        "network, by SynFlow",
        source=OURS,
    )
    finetune: FinetuneSettings = key(FinetuneSettings(), "fine-tuning", source=PAPER)
    verdict: VerdictSettings = key(
        VerdictSettings(), "when two accuracies count as equal", source=OURS
    )
    distance: DistanceJob = key(
        DistanceJob(), "distances between epochs, and when to stop", source=PAPER
    )

    @field_validator("augment", mode="before")
    @classmethod
    def _for_the_data(cls, values: Any, known: ValidationInfo) -> Any:
        """Read `augment` with the keys that belong to the kind of data."""
        data = known.data.get("data")
        if data is None or not isinstance(values, Mapping):  # `data` is wrong itself
            return values
        own = KINDS[data.kind].augment
        others = {name for kind in KINDS.values() for name in kind.augment.model_fields}
        if (others - {*own.model_fields}) & {*values}:
            raise ValueError(
                f"found {', '.join(sorted(map(str, values)))}; expected "
                f"{', '.join(own.model_fields)} for data.name {data.name}"
            )
        return own.model_validate(values)

    @property
    def cells(self) -> list[Cell]:
        """The cells of this run, each a row of Table 1."""
        return [
            Cell(method, workers)
            for method, options in self.methods.given().items()
            for workers in options.workers
        ]

    @property
    def trained(self) -> list[str]:
        """The cells that train their own networks."""
        return [cell.name for cell in self.cells if self.trainer(cell.name) == cell.name]

    @property
    def measured(self) -> list[str]:
        """The cells that share another cell's training and only take measured steps."""
        return [cell.name for cell in self.cells if self.trainer(cell.name) != cell.name]

    def trainer(self, cell: str) -> str:
        """Return the cell whose training this cell uses: for most cells the cell itself."""
        shared = self._shared_training(cell)
        return cell if shared is None else Cell(shared.method, shared.workers).name

    def _shared_training(self, cell: str) -> SharedTraining | None:
        """Return the cell that trains for another, if it has the same learning rate."""
        method, workers = Cell.parse(cell)
        given = self.methods.given()
        shared = given[method].shared(method, workers) if method in given else None
        if shared is None or self._pretraining_sgd(method) != self._pretraining_sgd(shared.method):
            return None
        return shared

    @property
    def snapshots(self) -> list[int]:
        """Epochs after which pretraining writes snapshots: 0, every `snapshot_every`, the last."""
        last = self.pretrain.epochs
        return sorted({*range(0, last, self.pretrain.snapshot_every), last})

    @property
    def schedule(self) -> int:
        """Epochs of pretraining and fine-tuning together."""
        return self.pretrain.epochs + self.finetune.epochs

    def model(self, name: str) -> ModelSettings:
        return next(model for model in self.models if model.name == name)

    def pretrain_job(self, model: str, cell: str, seed: int) -> PretrainJob:
        """Return a cell's job, or the dense column's: dense training over the whole schedule."""
        epochs, snapshots = self.pretrain.epochs, self.snapshots
        method, workers = Cell.parse(DENSE if cell == UNPRUNED else cell)
        if cell == UNPRUNED:
            epochs = self.schedule
            snapshots = [epochs]
        options = self.methods.given()[method]
        shared = self._shared_training(cell)
        return PretrainJob(
            run=self.run,
            cell=cell,
            model=self.model(model),
            method=base(method),
            workers=workers,
            options=options.model_copy(
                update={"workers": [workers], "variants": {}, "learning_rate": None}
            ),
            seed=seed,
            epochs=epochs,
            snapshots=snapshots,
            evaluate_every=self.pretrain.evaluate_every,
            calibration_images=self.pretrain.calibration_images,
            sgd=self._pretraining_sgd(method),
            augment=self.augment,
            compute=self.compute,
            trained_by=None if shared is None else self.trainer(cell),
            measured_steps=None if shared is None else shared.measured_steps,
        )

    @property
    def rated(self) -> list[str]:
        """The cells whose pretrainings compare learning rates."""
        return [] if self.rates is None else self.rates.cells or self.trained

    def rate_job(self, model: str, cell: str, seed: int, rate: float) -> PretrainJob:
        """Return the job of a pretraining that tries a learning rate."""
        assert self.rates is not None
        own = self.pretrain_job(model, cell, seed)
        sgd = own.sgd.model_copy(update={"learning_rate": rate})
        held_out = self.rates.held_out
        return own.model_copy(update={"sgd": sgd, "held_out": held_out, "snapshots": []})

    def learning_rates_job(self) -> LearningRatesJob:
        """Return the job of the table of learning rates, with the rates that the run uses."""
        used = {
            cell: self._pretraining_sgd(Cell.parse(cell).method).learning_rate
            for cell in self.rated
        }
        return LearningRatesJob(used=used)

    def _pretraining_sgd(self, method: str) -> SgdSettings:
        """Return the optimizer of pretraining, at the method's own learning rate if given."""
        rate = self.methods.given()[method].learning_rate
        own = {} if rate is None else {"learning_rate": rate}
        return self.pretrain.sgd.model_copy(update=own)

    def worker_changes_job(self, model: str, cell: str, seed: int) -> WorkerChangesJob:
        assert self.updates is not None
        own = self.pretrain_job(model, cell, seed)
        iterations, samples = self.updates.iterations, self.updates.samples
        return WorkerChangesJob(pretraining=own, iterations=iterations, samples=samples)

    def prune_job(self) -> PruneJob:
        return PruneJob(epochs=self.snapshots, **self.prune.model_dump())

    def control_job(self, control: Control) -> ControlJob:
        prune, epoch = self.prune, self._last_cut(control)
        return ControlJob(
            control=control, epoch=epoch, ratios=prune.ratios, multiple=prune.multiple
        )

    def tickets(self, cell: str) -> list[TicketName]:
        """Return the tickets of a pretraining that are fine-tuned.

        These are all tickets of the last snapshot, and those of earlier snapshots that
        `finetune.early` names. The untrained network's ticket is the same for all methods, so only
        the dense cell has it. Controls have the tickets of the snapshot that they are cut out of.
        """
        early = self.finetune.early
        drawn = [self.trainer(name) for name in early.cells]
        chosen = [(self._last_cut(cell), ratio) for ratio in self.prune.ratios]
        for epoch in self.snapshots[:-1]:
            if cell == DENSE if epoch == 0 else cell in drawn:
                chosen += [(epoch, ratio) for ratio in early.ratios]
        multiple = self.prune.multiple
        return [
            TicketName(snapshot=epoch, ratio=ratio, multiple=multiple)
            for epoch, ratio in sorted(chosen)
        ]

    def _last_cut(self, cell: str) -> int:
        """Return the last snapshot that tickets of a cell or control are cut out of."""
        return 0 if cell in UNTRAINED else self.pretrain.epochs

    def kept_tickets(self, last: int) -> list[TicketName]:
        """Return the tickets whose networks are kept after fine-tuning.

        Args:
            last: the last snapshot of which a cell or control has tickets.
        """
        multiple = self.prune.multiple
        ratios = self.prune.ratios if self.finetune.keep == "last" else []
        return [TicketName(snapshot=last, ratio=ratio, multiple=multiple) for ratio in ratios]

    def finetune_job(self, cell: str, seed: int) -> FinetuneJob:
        """Return the job of a cell or control; some controls train for the whole schedule."""
        whole = cell in FROM_START
        return FinetuneJob(
            run=self.run,
            tickets=self.tickets(cell),
            kept=self.kept_tickets(self._last_cut(cell)),
            seed=seed,
            epochs=self.schedule if whole else self.finetune.epochs,
            evaluate_every=self.finetune.evaluate_every,
            sgd=self._pretraining_sgd(DENSE) if whole else SgdSettings(**dict(self.finetune.sgd)),
            augment=self.augment,
            compute=self.compute,
        )

    def length_job(self, cell: str, seed: int, epochs: int) -> FinetuneJob:
        """Return the job that fine-tunes the last snapshot's tickets for another length."""
        own = self.finetune_job(cell, seed)
        last = self.pretrain.epochs
        tickets = [name for name in own.tickets if name.snapshot == last]
        return own.model_copy(update={"tickets": tickets, "kept": [], "epochs": epochs})

    def table_job(self) -> TableJob:
        return TableJob(verdict=self.verdict, test_images=self.data.test_images)

    def figures_job(self) -> FiguresJob:
        return FiguresJob(cells=self.finetune.early.cells)

    def lacking(self, images: int) -> Iterator[str]:
        """Yield a line for each key that asks for more training images than were found."""
        return conflicts.too_many(self, images, f"the {images} images to train on that were found")

    @model_validator(mode="after")
    def _check_conflicts(self) -> Self:
        """Refuse combinations of settings that a run cannot carry out."""
        for problem in conflicts.problems(self):
            raise ValueError(problem)
        return self
