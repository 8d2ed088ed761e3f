"""The networks that the workers of a pretraining train, without values: for checks before it."""

from functools import partial

from torch import nn

from loft.models.build import build
from loft.tickets.methods.options import LoftOptions
from loft.tickets.methods.partition import shares
from loft.tickets.network.blocks import partitioned
from loft.tickets.pretraining.job import PretrainJob


def trained(job: PretrainJob, image: tuple[int, int, int], classes: int) -> list[nn.Sequential]:
    """Return the whole network and the different parts of it that LoFT's workers have.

    Args:
        job: of the pretraining.
        image: shape (channels, height, width).
        classes: of the images.
    """
    channels, size, _ = image
    about = {**job.model.model_dump(), "channels": channels, "size": size, "classes": classes}
    network = partial(build, **about)
    whole = network()
    if not isinstance(job.options, LoftOptions):
        return [whole]
    filters = partitioned(whole)
    ends = {0, job.workers - 1}  # the first workers have one filter more than the last ones
    return [whole, *(network(filters=shares(filters, job.workers, worker)) for worker in ends)]
