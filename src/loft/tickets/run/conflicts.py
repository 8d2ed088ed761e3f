"""Find combinations of settings that a run cannot carry out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from loft.core.errors import suggestion
from loft.models.settings import last_map
from loft.tickets.methods.interface import RunFacts
from loft.tickets.network.criteria import CRITERIA
from loft.tickets.pretraining.calibration import CALIBRATION_BATCH
from loft.tickets.results.cells import DENSE

if TYPE_CHECKING:
    from loft.tickets.run.run import Run


def problems(run: "Run") -> Iterator[str]:
    """Yield a line for each fault of a run: the key, the found and the expected value."""
    yield from _tickets(run)
    yield from _data(run)
    yield from _single_images(run)
    yield from _methods(run)
    yield from _updates(run)
    yield from _rates(run)


def _tickets(run: "Run") -> Iterator[str]:
    names = {cell.name for cell in run.cells}
    early, ratios = run.finetune.early, run.prune.ratios
    if DENSE not in names:
        yield f"methods.{DENSE}: missing; it makes Table 1's dense column"
    for cell in early.cells:
        if cell not in names:
            near = suggestion(cell, names)
            yield f"finetune.early.cells: found '{cell}'; expected some of {sorted(names)}{near}"
    for ratio in early.ratios:
        if ratio not in ratios:
            yield f"finetune.early.ratios: found {ratio}; expected some of {ratios}"
    if run.finetune.epochs in run.finetune.lengths:
        yield f"finetune.lengths: found {run.finetune.epochs}, which is finetune.epochs"
    if (criterion := run.prune.criterion) not in CRITERIA:
        near = suggestion(criterion, CRITERIA)
        yield f"prune.criterion: found '{criterion}'; expected one of {sorted(CRITERIA)}{near}"
    narrowest = min(model.width for model in run.models)
    if run.prune.multiple > narrowest:
        yield (
            f"prune.multiple: found {run.prune.multiple}; expected at most {narrowest}, the "
            "narrowest network's width"
        )
    every, epochs = run.pretrain.snapshot_every, run.pretrain.epochs
    if every > epochs:
        yield (
            f"pretrain.snapshot_every: found {every}; expected at most pretrain.epochs ({epochs})"
        )


def _data(run: "Run") -> Iterator[str]:
    if (most := run.data.train_images) is not None:
        yield from too_many(run, most, f"data.train_images ({most})")


def too_many(run: "Run", most: int, what: str) -> Iterator[str]:
    """Yield a line for each key that asks for more than the `most` training images."""
    counts = {
        "pretrain.sgd.batch_size": run.pretrain.sgd.batch_size,
        "finetune.sgd.batch_size": run.finetune.sgd.batch_size,
        "pretrain.calibration_images": run.pretrain.calibration_images,
    }
    for key, count in counts.items():
        if count > most:
            yield f"{key}: found {count}; expected at most {what}"


def _single_images(run: "Run") -> Iterator[str]:
    """Refuse batches of one image where its last feature maps have one pixel: no variance."""
    if not (why := _single_value(run)):
        return
    for key, sgd in (("pretrain", run.pretrain.sgd), ("finetune", run.finetune.sgd)):
        if sgd.batch_size == 1:
            yield f"{key}.sgd.batch_size: found 1; expected 2 and more, {why}"
    calibrated = any(own.recalibrates for own in run.methods.given().values())
    images = run.pretrain.calibration_images
    if calibrated and images % CALIBRATION_BATCH == 1:
        yield (
            f"pretrain.calibration_images: found {images}, in parts of {CALIBRATION_BATCH} with a "
            f"last one of 1; expected 2 and more in it, {why}"
        )


def _single_value(run: "Run") -> str:
    """Return the reason why BatchNorm cannot train on a single image; "" if it can."""
    size = getattr(run.data, "size", None)
    if size is None or last_map(size) > 1:
        return ""
    return f"where data.size ({size}) leaves the last layers one value a channel of each image"


def _methods(run: "Run") -> Iterator[str]:
    """Check every method's options against the run."""
    facts = RunFacts(
        batch_size=run.pretrain.sgd.batch_size,
        epochs=run.pretrain.epochs,
        least_ratio=min(run.prune.ratios),
        narrowest=min(2 * model.width for model in run.models),  # the first partitioned group's
        single_value=_single_value(run),
    )
    for name, options in run.methods.given().items():
        for conflict in options.conflicts(facts):
            yield f"methods.{name.replace('.', '.variants.')}.{conflict}"


def _updates(run: "Run") -> Iterator[str]:
    own = run.updates
    if own is None:
        return
    options = run.methods.given()
    able = {
        cell.name: length
        for cell in run.cells
        if cell.workers > 1 and (length := options[cell.method].round_length()) is not None
    }
    for cell in own.cells:
        if cell not in able:
            near = suggestion(cell, able)
            yield f"updates.cells: found '{cell}'; expected some of {sorted(able)}{near}"
            continue
        last = able[cell]
        if own.iterations != sorted({*own.iterations}) or own.iterations[-1] > last:
            yield (
                f"updates.iterations: found {own.iterations}; expected ascending numbers up to "
                f"{last}, the local iterations of {cell}"
            )
    seen = run.pretrain.sgd.batch_size * own.iterations[-1]
    if own.samples > seen:
        yield (
            f"updates.samples: found {own.samples}; expected at most {seen}, the images of "
            f"{own.iterations[-1]} batches"
        )


def _rates(run: "Run") -> Iterator[str]:
    own = run.rates
    if own is None:
        return
    if own.grid != sorted(own.grid):
        yield f"rates.grid: found {own.grid}; expected ascending rates"
    for cell in own.cells:
        if cell not in run.trained:
            near = suggestion(cell, run.trained)
            yield f"rates.cells: found '{cell}'; expected some of {run.trained}{near}"
    images = run.data.train_images
    if images is not None and images - own.held_out < run.pretrain.sgd.batch_size:
        yield (
            f"rates.held_out: found {own.held_out}; expected to leave a batch of "
            f"{run.pretrain.sgd.batch_size} of the {images} images"
        )
