"""Everything that a plan says, in one piece: what was measured, what is assumed, what follows."""

from dataclasses import dataclass

from loft.core.data.dimensions import Dimensions
from loft.core.data.sources import DataSettings
from loft.tickets.planning import durations, footprint
from loft.tickets.planning.budget import Outcome
from loft.tickets.planning.planner import Job, Planner, longest_chain, rules
from loft.tickets.planning.shared_trainings import Shared, shared
from loft.tickets.planning.speed import Speed
from loft.tickets.run.params import Run


@dataclass(frozen=True)
class Totals:
    """Sums over a run.

    Attributes:
        device_seconds: of all trainings.
        pretraining_seconds: of devices, the dense column's and measured cells' included.
        finetuning_seconds: of devices, the controls' included.
        least_seconds: of the longest chain of jobs, with a device for every worker of every job.
        devices: workers of the largest job.
        memory: bytes on the device of the worker that needs most.
        disk: bytes of what trainings keep.
        images: bytes of the run's own file of images.
        sent: bytes of payload that workers send.
    """

    device_seconds: float
    pretraining_seconds: float
    finetuning_seconds: float
    least_seconds: float
    devices: int
    memory: int
    disk: int
    images: int
    sent: float


@dataclass(frozen=True)
class Report:
    """What `loft plan` says.

    Attributes:
        run: its name.
        seeds: those of the run.
        data: its images.
        iterations: steps of an epoch of pretraining.
        speed: of the device, and how it was found.
        assumed: what is not measured, in sentences.
        rules: how often each rule of the graph runs.
        jobs: every training.
        shared: what cells have in common.
        totals: over all jobs.
        budget: what was chosen, if a budget was given.
    """

    run: str
    seeds: list[int]
    data: Dimensions
    iterations: int
    speed: Speed
    assumed: list[str]
    rules: dict[str, int]
    jobs: list[Job]
    shared: list[Shared]
    totals: Totals
    budget: Outcome | None


def report(planner: Planner, run: Run, budget: Outcome | None) -> Report:
    """Return the plan of a run."""
    jobs = planner.jobs(run)
    return Report(
        run=run.run,
        seeds=run.seeds,
        data=planner.data,
        iterations=durations.iterations(run.pretrain.sgd.batch_size, planner.data),
        speed=planner.speed,
        assumed=assumptions(run.data, planner.speed),
        rules=rules(run, jobs),
        jobs=jobs,
        shared=shared(planner, run),
        totals=totals(run.data, planner.data, jobs),
        budget=budget,
    )


def totals(settings: DataSettings, data: Dimensions, jobs: list[Job]) -> Totals:
    """Return sums over all jobs."""
    tuning = sum(job.device_seconds for job in jobs if job.step == "finetune")
    total = sum(job.device_seconds for job in jobs)
    return Totals(
        device_seconds=total,
        pretraining_seconds=total - tuning,
        finetuning_seconds=tuning,
        least_seconds=longest_chain(jobs),
        devices=max(job.workers for job in jobs),
        memory=max(job.memory.device for job in jobs),
        disk=sum(job.disk for job in jobs),
        images=footprint.data_files(settings.kind, data),
        sent=sum(job.sent for job in jobs),
    )


def assumptions(settings: DataSettings, speed: Speed) -> list[str]:
    """Return what is taken for granted, a sentence each."""
    found = []
    if speed.measured:
        found.append(
            "other networks of a model (LoFT's parts, stages, tickets) do as many operations a "
            "second as its whole network; narrow ones do fewer"
        )
        if any(each.batch < each.asked for each in speed.measured):
            found.append("a step takes time in proportion to its batch, where a smaller was timed")
    else:
        found.append("every network does as many operations a second as stated; nothing was timed")
    found += [
        "testing and re-estimating BatchNorm do as many operations a second as training",
        "each worker has a device of its own; with fewer GPUs than workers they take turns on one, "
        "which takes the sum of their times and memory",
        "a pipeline's step is the sum of its stages' times for one micro-batch, and the slowest "
        "stage's for each further one",
        "sending takes no time, nor do starting processes, reading and augmenting images, pruning, "
        "distances, tables and figures",
        f"activations are what autograd keeps of a batch in {speed.precision}; the gradients and "
        "workspaces of the moment come on top",
        "memory is of tensors; libraries come on top, as do, in host memory, the images as float32 "
        "while a worker takes their mean",
        "disk is what weights, norms and distances hold, without files' headers, the JSON beside "
        "them, logs, and the original images",
    ]
    if settings.kind == "folders":
        found.append("the run's own list of image files holds their labels; names come on top")
    return found
