"""Compute how long a run's trainings take, from their operations and a device's speed.

    seconds = (steps F + images f) / v

Legend: F operations of a training step, f of a forward pass on one image, v operations a second.

F comes from `Method.step_operations`: usually the operations of the slowest worker.
"""

from loft.core.data.dataset import whole_batches
from loft.core.data.dimensions import Dimensions
from loft.models import ModelSettings
from loft.tickets.finetuning.job import FinetuneJob
from loft.tickets.planning import costs
from loft.tickets.planning.speed import Speed
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pruning.job import TicketName


def iterations(batch: int, data: Dimensions) -> int:
    """Return the steps of an epoch. Raises UserError if there is not one whole batch."""
    return whole_batches(data.train_images, batch)


def pretraining_steps(job: PretrainJob, data: Dimensions) -> int:
    """Return the steps of each worker."""
    length = iterations(job.sgd.batch_size, data)
    return job.epochs * length if job.measured_steps is None else min(job.measured_steps, length)


def pretraining_step(job: PretrainJob, data: Dimensions, speed: Speed) -> float:
    """Return the seconds of a step."""
    each = [share.training_flops * job.sgd.batch_size for share in costs.trained(job, data)]
    return job.options.step_operations(each) / speed.flops_per_second[job.model.name]


def pretraining(job: PretrainJob, data: Dimensions, speed: Speed) -> float:
    """Return the seconds of a job, from start to end."""
    training = pretraining_steps(job, data) * pretraining_step(job, data, speed)
    images = data.test_images
    if job.options.recalibrates:
        images += job.calibration_images
    return training + _forward(evaluations(job) * images, job.model, data, speed)


def evaluations(job: PretrainJob) -> int:
    """Return how often the global model is tested: at snapshots, and every `evaluate_every`."""
    if job.measured_steps is not None:
        return 0
    epochs = range(1, job.epochs + 1)
    return sum(epoch in job.snapshots or epoch % job.evaluate_every == 0 for epoch in epochs)


def ticket_step(
    job: FinetuneJob, model: ModelSettings, name: TicketName, data: Dimensions, speed: Speed
) -> float:
    """Return the seconds of a step of a ticket."""
    flops = costs.ticket(model, data, name.ratio, name.multiple).training_flops * job.sgd.batch_size
    return flops / speed.flops_per_second[model.name]


def ticket(
    job: FinetuneJob, model: ModelSettings, name: TicketName, data: Dimensions, speed: Speed
) -> float:
    """Return the seconds of one ticket's fine-tuning."""
    steps = job.epochs * iterations(job.sgd.batch_size, data)
    tests = -(-job.epochs // job.evaluate_every)  # where due, and after the last epoch
    cost = costs.ticket(model, data, name.ratio, name.multiple)
    forward = cost.forward_flops * tests * data.test_images
    training = steps * ticket_step(job, model, name, data, speed)
    return training + forward / speed.flops_per_second[model.name]


def finetuning(job: FinetuneJob, model: ModelSettings, data: Dimensions, speed: Speed) -> float:
    """Return the seconds of a job, which trains its tickets one after the other."""
    return sum(ticket(job, model, name, data, speed) for name in job.tickets)


def _forward(images: int, model: ModelSettings, data: Dimensions, speed: Speed) -> float:
    flops = costs.whole(model, data).forward_flops * images
    return flops / speed.flops_per_second[model.name]
