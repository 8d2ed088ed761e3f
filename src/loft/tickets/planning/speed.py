"""Measure how fast a run's networks train, with a few timed steps, or take a stated speed."""

import copy
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

import torch
from torch import nn

from loft.core.data.dimensions import Dimensions
from loft.core.processes.workers import ProcessWorker
from loft.core.system.devices import leased
from loft.core.training.learner import Learner, configure_torch, resolve_precision, wait
from loft.models import ModelSettings
from loft.tickets.planning import costs
from loft.tickets.run.run import Run

TERA = 1e12
PROBED = 4  # images of the first step, which gives the time per image
LONGEST = 1.0  # seconds that a timed step may take
WARM_UP, TIMED = 2, 5  # steps


@dataclass(frozen=True)
class Measurement:
    """The timed training steps of one whole network.

    Attributes:
        model: name of the network.
        batch: images in a timed step.
        asked: images in a batch of the run.
        seconds: seconds of a step, the median of `TIMED` steps.
        flops: operations of a step.
    """

    model: str
    batch: int
    asked: int
    seconds: float
    flops: int


@dataclass(frozen=True)
class Speed:
    """The speed of a device.

    Attributes:
        device: the device in words.
        precision: float32 or bfloat16.
        flops_per_second: operations per second, by name of the network.
        measured: the measurements; empty if the speed was stated.
    """

    device: str
    precision: str
    flops_per_second: Mapping[str, float]
    measured: tuple[Measurement, ...]


def stated(run: Run, tflops: float) -> Speed:
    """Return a stated speed, `tflops` TFLOP/s sustained in training, at a GPU's precision."""
    return Speed(
        device=f"{tflops:g} TFLOP/s sustained in training, as stated",
        precision=resolve_precision(run.compute.precision, "cuda"),
        flops_per_second={model.name: tflops * TERA for model in run.models},
        measured=(),
    )


def measure(run: Run, data: Dimensions) -> Speed:
    """Time some steps of every whole network on this machine, on images of random pixels."""
    with leased(1):
        device = ProcessWorker().device
        configure_torch(run.compute, device)
        found = tuple(_measure(run, model, data, device) for model in run.models)
    return Speed(
        device=_named(device, run.compute.threads),
        precision=resolve_precision(run.compute.precision, device),
        flops_per_second={each.model: each.flops / each.seconds for each in found},
        measured=found,
    )


def _measure(run: Run, model: ModelSettings, data: Dimensions, device: str) -> Measurement:
    """Time steps with the run's batch, which is halved until a step is short enough."""
    asked = run.pretrain.sgd.batch_size
    network = _with_values(costs.networks(model, data)(None))
    learner = Learner(network, run.pretrain.sgd, run.compute, device)
    batch = min(PROBED, asked)
    each = _timed(learner, batch, data, 1) / batch  # seconds an image
    batch = asked
    while batch > PROBED and each * batch > LONGEST:
        batch //= 2
    seconds = _timed(learner, batch, data, TIMED)
    flops = batch * costs.whole(model, data).training_flops
    return Measurement(model.name, batch, asked, seconds, flops)


def _timed(learner: Learner, batch: int, data: Dimensions, steps: int) -> float:
    """Return the median seconds of a step, after a warm-up."""
    pixels = torch.rand(batch, data.size, data.size, data.channels)
    images = pixels.to(learner.device).permute(0, 3, 1, 2)  # (b, c, h, w), channels-last
    labels = torch.arange(batch, device=learner.device) % data.classes
    seconds = []
    for _ in range(WARM_UP + steps):
        started = time.perf_counter()
        learner.step(images, labels, rate=0.01)
        wait(learner.device)
        seconds.append(time.perf_counter() - started)
    return median(seconds[WARM_UP:])


def _with_values(network: nn.Sequential) -> nn.Sequential:
    """Return a copy in memory of a network on "meta", with torch's own initial values."""
    made = copy.deepcopy(network).to_empty(device="cpu")
    for module in made.modules():
        reset = getattr(module, "reset_parameters", None)
        if reset is not None:
            reset()
    return made


def _named(device: str, threads: int) -> str:
    if device.startswith("cuda"):
        return f"this machine's {torch.cuda.get_device_name(device)}"
    cores = os.cpu_count() or 1
    crowded = ", fewer than threads, which makes steps slow" if cores < threads else ""
    return f"a CPU with compute.threads = {threads} on this machine's {cores} cores{crowded}"
