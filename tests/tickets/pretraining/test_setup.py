"""Networks of a job, with and without values."""

from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import Tensor

from loft.core.data.resident_images import Images
from loft.core.processes.workers import Workers
from loft.tickets.pretraining.setup import setup, trained_networks
from loft.tickets.run.run import Run


def none() -> Iterator[Tensor]:
    return iter(())


def test_seeds_give_weights_and_given_weights_replace_them(run: Run, images: Images) -> None:
    job, workers = run.pretrain_job("preresnet18", "loft-2", 0), cast("Workers", None)
    first, second = (setup(job, images, workers, none).build() for _ in range(2))
    state = first.state_dict()
    assert all(torch.equal(state[name], tensor) for name, tensor in second.state_dict().items())
    ones = {name: torch.ones_like(tensor) for name, tensor in state.items()}
    given = setup(job, images, workers, none, ones).build()
    assert all((tensor == 1).all() for tensor in given.state_dict().values())
    assert next(setup(job, images, workers, none).build(initialise=False).parameters()).is_meta


def test_the_whole_network_and_the_workers(run: Run) -> None:
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    whole, narrow = trained_networks(job, (1, 8, 8), 10)
    shapes: list[Any] = [
        network.get_parameter("layer2.1.conv1.weight").shape[0] for network in (whole, narrow)
    ]
    assert shapes == [8, 4]
