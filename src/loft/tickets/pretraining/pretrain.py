"""Pretrain a network with one method, in as many processes as it has workers."""

from pathlib import Path

from loft.core.data.augmentation import KINDS
from loft.core.data.dataset import DataSet, read
from loft.core.errors import UserError
from loft.core.files.step_code import code_files
from loft.core.processes.launch import launch
from loft.core.processes.memory import explain_out_of_memory
from loft.core.processes.turn_taking import join_workers, take_turns
from loft.core.system.devices import leased, visible
from loft.core.training.processor import check_processor
from loft.core.training.resume import StateKeeper, fingerprint, one_at_a_time, remove_state
from loft.models import NETWORKS
from loft.tickets.methods import METHODS
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.one_worker import Pretraining
from loft.tickets.pretraining.setup import trained_networks

# Keys that lower the memory of a worker, for the error message.
LOWERING = "pretrain.sgd.batch_size, models.width or, where jobs share a GPU, compute.jobs_per_gpu"


def run(
    job: PretrainJob,
    data: Path,
    out: Path,
    metrics: Path,
    work: Path | None = None,
    loaders: int = 0,
    turns: bool = False,
) -> None:
    """Pretrain in as many processes as the job has workers, or in turns in one.

    Args:
        job: settings of the job.
        data: images, made by `loft data`.
        out: folder for snapshots and filter norms.
        metrics: file for the lines.
        work: folder for the state of the unfinished job, to continue from; None writes no state.
        loaders: processes of each worker that read image files.
        turns: whether the workers take turns in this process. They always do where there are GPUs,
            but fewer than workers.

    Raises:
        UserError: images are missing, damaged or too few, another process runs this job, or the
            processor computes incorrectly.
        JobError: a worker failed, there is too little memory, the loss is not a number, or a signal
            asked the job to stop.
    """
    images = read_images(job, data)  # before workers start, so that an error is shown once
    if job.calibration_images > images.train_images:
        raise UserError(
            f"pretrain.calibration_images: found {job.calibration_images}; expected at most "
            f"{images.train_images}, the training images of {data}"
        )
    tables = KINDS[images.kind].data, NETWORKS[job.model.name].make, METHODS[job.method]
    own = fingerprint(job.dump(), [data], code_files(__name__, *tables)) if work else ""
    given = (job, data, out, metrics, work, own, loaders)
    gpus = len(visible())
    turning = job.options.takes_turns and (turns or 0 < gpus < job.workers)
    if gpus == 0:
        image = images.channels, images.size, images.size
        check_processor(trained_networks(job, image, images.classes), image, job.compute)
    with one_at_a_time(work), leased(1 if turning else job.workers):
        if job.workers == 1:
            begin(*given)
        elif turning:
            take_turns(begin, given, job.workers)
        else:
            del images
            launch(begin, given, job.workers)
        remove_state(work)


def read_images(job: PretrainJob, data: Path) -> DataSet:
    """Read the images that a job trains on and is tested on."""
    images = read(data)
    return images.hold_out(job.held_out) if job.held_out else images


def begin(
    job: PretrainJob,
    data: Path,
    out: Path,
    metrics: Path,
    work: Path | None,
    own: str,
    loaders: int,
) -> None:
    """Pretrain as one of the job's workers; `own` is the job's fingerprint."""
    workers = join_workers()
    who = f"pretrain {job.model.name} {job.cell} seed {job.seed}: worker {workers.rank} of"
    who += f" {workers.size}"
    kept = None if job.measured_steps else work  # a few steps need no state
    keeper = StateKeeper(kept, own, workers)
    with explain_out_of_memory(who, LOWERING):
        Pretraining(job, read_images(job, data), workers, keeper, loaders).run(out, metrics)
