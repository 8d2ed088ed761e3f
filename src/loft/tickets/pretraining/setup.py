"""Build the `Setup` of a job's method, and the networks that its workers train."""

from collections.abc import Callable, Iterator, Mapping

from torch import Tensor, nn

from loft.core.data.dataset import DataSet
from loft.core.processes.workers import Workers
from loft.core.seeding import torch_seed
from loft.models.build import build
from loft.tickets.communication.ledger import network_builder
from loft.tickets.methods.interface import Setup
from loft.tickets.pretraining.job import PretrainJob


def setup(
    job: PretrainJob,
    data: DataSet,
    workers: Workers,
    calibration: Callable[[], Iterator[Tensor]],
    weights: Mapping[str, Tensor] | None = None,
) -> Setup:
    """Return everything that a job's method is built from.

    Args:
        job: settings of the pretraining.
        data: the images.
        workers: the workers of the job.
        calibration: as in `Setup`.
        weights: initial weights of the whole network; None: the seed's random ones.
    """

    def network(filters: Mapping[str, int] | None = None, initialise: bool = True) -> nn.Sequential:
        made = build(
            **job.model.model_dump(),
            channels=data.channels,
            size=data.size,
            classes=data.classes,
            filters=filters,
            seed=torch_seed("weights", job.seed) if initialise else None,
        )
        if initialise and weights is not None and not filters:
            made.load_state_dict(weights)
        return made

    return Setup(
        build=network,
        calibration=calibration,
        image=(data.channels, data.size, data.size),
        options=job.options,
        seed=job.seed,
        epochs=job.epochs,
        sgd=job.sgd,
        compute=job.compute,
        workers=workers,
    )


def trained_networks(
    job: PretrainJob, image: tuple[int, int, int], classes: int
) -> list[nn.Sequential]:
    """Return the whole network and those that a pretraining's workers train, without values.

    Args:
        job: settings of the pretraining.
        image: shape (channels, height, width).
        classes: number of classes.
    """
    channels, size, _ = image
    return job.options.networks(network_builder(job.model, channels, size, classes), job.workers)
