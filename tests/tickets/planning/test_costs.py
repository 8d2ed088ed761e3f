"""Costs follow from shapes, by hand."""

import dataclasses

import torch
from torch import nn

from loft.core.data.dimensions import Dimensions
from loft.tickets.planning import costs
from loft.tickets.planning.costs import cost
from loft.tickets.run.run import Run


def test_a_convolution_counted_by_hand() -> None:
    """3 x 3, from 1 channel to 4, on 8 x 8 places, then ReLU; the input needs no gradient."""
    layers = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.ReLU()).to("meta")
    found = cost(layers, torch.empty(5, 1, 8, 8, device="meta"))
    forward = 2 * 9 * 1 * 4 * 64
    assert (found.forward_flops, found.training_flops) == (forward, 2 * forward)
    assert (found.parameters, found.state_bytes, found.filters) == (36, 4 * 36, 4)
    assert (found.kept_floats, found.kept_bytes) == (64 + 4 * 64, 0)
    later = cost(layers, torch.empty(5, 1, 8, 8, device="meta", requires_grad=True))
    assert later.training_flops == 3 * forward


def test_stages_together_cost_what_the_network_costs(run: Run, data: Dimensions) -> None:
    """A later stage computes the gradient of its input too, as the whole network does inside."""
    whole = costs.whole(run.models[0], data)
    stages = costs.trained(run.pretrain_job("preresnet18", "gpipe-4", 0), data)
    assert len(stages) == 4
    for name in ("parameters", "forward_flops", "training_flops", "filters", "channels"):
        assert sum(getattr(stage, name) for stage in stages) == getattr(whole, name), name


def test_a_worker_of_loft_costs_less_and_one_of_local_sgd_as_much(
    run: Run, data: Dimensions
) -> None:
    whole = costs.whole(run.models[0], data)
    assert costs.trained(run.pretrain_job("preresnet18", "local_sgd-2", 0), data) == (whole,) * 2
    for worker in costs.trained(run.pretrain_job("preresnet18", "loft-2", 0), data):
        assert worker.parameters < whole.parameters
        assert worker.training_flops < whole.training_flops


def test_a_ticket_costs_less_the_more_is_pruned(run: Run, data: Dimensions) -> None:
    flops = [costs.ticket(run.models[0], data, ratio, 1).forward_flops for ratio in (0.5, 0.8)]
    assert costs.whole(run.models[0], data).forward_flops > flops[0] > flops[1]
    same = costs.ticket(run.models[0], data, 0.5, 4)  # of 4, 8, ... filters, in multiples of 4
    assert same.filters > costs.ticket(run.models[0], data, 0.5, 1).filters


def test_records_of_norms_by_hand() -> None:
    """Three epochs and the start: 4 rows of three norms of 5 filters and a scale of 2 channels."""
    layers = nn.Sequential(nn.Conv2d(1, 5, 1, bias=False)).to("meta")
    found = dataclasses.replace(cost(layers, torch.empty(2, 1, 1, 1, device="meta")), channels=2)
    assert found.norms_bytes(3) == 4 * 4 * (3 * 5 + 2)
    assert found.pairs_bytes(3) == 4 * (1 * 4 * 4 + 3 * 3)
