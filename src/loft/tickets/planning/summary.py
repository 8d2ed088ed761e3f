"""Collect the contents of a plan: jobs, sums, shared trainings and assumptions."""

from dataclasses import dataclass

from loft.core.data.dimensions import Dimensions
from loft.core.data.sources import DataSettings
from loft.tickets.planning import durations, footprint
from loft.tickets.planning.budget import Outcome
from loft.tickets.planning.planner import Job, Planner, longest_chain, rules
from loft.tickets.planning.shared_trainings import Shared, shared
from loft.tickets.planning.speed import Speed
from loft.tickets.run.run import Run


@dataclass(frozen=True)
class Totals:
    """Sums over a run.

    Attributes:
        device_seconds: of all trainings.
        pretraining_seconds: device-seconds, including the dense column and measured cells.
        finetuning_seconds: device-seconds, including controls.
        rates_seconds: device-seconds of pretrainings that compare learning rates.
        lengths_seconds: device-seconds of fine-tunings of other lengths.
        least_seconds: seconds of the longest chain of jobs, if every worker has a device.
        devices: workers of the largest job.
        memory: bytes on a device, of the worker that needs the most.
        disk: bytes of the files that trainings write.
        images: bytes of the run's prepared images.
        sent: bytes of payload that workers send.
    """

    device_seconds: float
    pretraining_seconds: float
    finetuning_seconds: float
    rates_seconds: float
    lengths_seconds: float
    least_seconds: float
    devices: int
    memory: int
    disk: int
    images: int
    sent: float


@dataclass(frozen=True)
class Report:
    """The contents of `loft plan`.

    Attributes:
        run: name of the run.
        seeds: the run's seeds.
        data: dimensions of its images.
        iterations: steps of an epoch of pretraining.
        speed: speed of the device, and how it was found.
        assumed: assumptions, in sentences.
        rules: how often each rule of the graph runs.
        jobs: all trainings.
        shared: trainings and files that cells share.
        totals: sums over all jobs.
        budget: the chosen part, if a budget was given.
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
        totals=totals(planner, run, jobs),
        budget=budget,
    )


def totals(planner: Planner, run: Run, jobs: list[Job]) -> Totals:
    """Return sums over all jobs."""
    tuning = sum(job.device_seconds for job in jobs if job.step == "finetune")
    training = sum(job.device_seconds for job in jobs) - tuning
    rates, lengths = planner.rates_seconds(run), planner.lengths_seconds(run)
    return Totals(
        device_seconds=training + tuning + rates + lengths,
        pretraining_seconds=training,
        finetuning_seconds=tuning,
        rates_seconds=rates,
        lengths_seconds=lengths,
        least_seconds=longest_chain(jobs),
        devices=max(job.workers for job in jobs),
        memory=max(job.memory.device for job in jobs),
        disk=sum(job.disk for job in jobs),
        images=footprint.data_files(run.data.kind, planner.data),
        sent=sum(job.sent for job in jobs),
    )


def assumptions(settings: DataSettings, speed: Speed) -> list[str]:
    """Return the assumptions of a plan, in sentences."""
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
