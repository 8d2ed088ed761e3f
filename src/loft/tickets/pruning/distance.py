"""Compute the distances between the epochs of every pretraining: of filter rankings and of masks.

Lines hold the distances to the last epoch (Figure 4) and from each epoch to the next (when to
stop). The distances between all pairs of epochs (Figure 1) are too many for lines (36 x 111 x 111
numbers for 34 layers and the paper's schedule); they are written to a safetensors file beside the
norms.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from loft.core.errors import UserError
from loft.core.files.checkpoint import write_tensors
from loft.core.reporting.checked_lines import read_job
from loft.core.reporting.metrics import Journal
from loft.tickets.network.norms import FILTER_NORMS, SCALE, of_kind
from loft.tickets.network.ranking import expected_distance, filter_distances, ranking
from loft.tickets.pretraining.snapshots import read_norms
from loft.tickets.pruning.early_bird import channel_masks, mask_distances
from loft.tickets.pruning.job import DistanceJob
from loft.tickets.results import paths
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.results.schema.all_jobs import RECORDED

DECIMALS = 6  # decimals of distances in lines
RANKED_BY = "l2"  # the norm that LoFT ranks by

Array = NDArray[np.float64]
Pairs = dict[str, Array]  # layer -> (epochs + 1, epochs + 1), from row's epoch to column's epoch


def run(job: DistanceJob, norms: list[Path], pretrained: list[Path], metrics: Path) -> None:
    """Write lines for each pretraining of a seed, and all pairs of epochs for the dense column's.

    Args:
        job: settings of the job.
        norms: each pretraining's record of norms; pairs of epochs are written beside it.
        pretrained: the lines of the same pretrainings, in the same order.
        metrics: file for the lines.

    Raises:
        UserError: a record is missing, damaged or belongs to another pretraining, or the
            pretrainings are of several seeds.
    """
    rule = {
        "mask_threshold": job.mask_threshold,
        "filter_threshold": job.filter_threshold,
        "window": job.window,
    }
    if len(norms) != len(pretrained):
        raise UserError(
            f"--norms, --pretrained: found {len(norms)} and {len(pretrained)} files; expected one"
            " of each for every pretraining"
        )
    every = [read_job(lines, RECORDED)[0] for lines in pretrained]
    seed, *others = sorted({about["seed"] for about in every})
    if others:
        raise UserError(f"--pretrained: found seeds {seed} and {others[0]}; expected one seed")
    journal = Journal({"step": "distance", "seed": seed, "mask_ratio": job.mask_ratio, **rule})
    for path, about in zip(norms, every, strict=True):
        whose = {"model": about["model"]["name"]}
        whose |= {key: about[key] for key in ("dataset", "cell", "seed")}
        recorded = read_norms(path, about)
        filters = {norm: filter_pairs(recorded, norm) for norm in FILTER_NORMS}
        masks = mask_pairs(recorded, job.mask_ratio)
        for norm, pairs in filters.items():
            journal.add("distance", **whose, norm=norm, **to_last(pairs, norm == RANKED_BY))
        relative = mean(filters[RANKED_BY]) / chance(recorded)
        journal.add("consecutive", **whose, of="filters", from_epoch=0, distances=to_next(relative))
        journal.add("consecutive", **whose, of="masks", from_epoch=1, distances=to_next(masks))
        if about["cell"] == UNPRUNED:
            _write(paths.pairs(path.parent), filters[RANKED_BY], masks, whose)
    journal.write(metrics)


def filter_pairs(recorded: Mapping[str, Tensor], norm: str) -> Pairs:
    """Return each layer's filter distances between all pairs of epochs, epoch 0 first."""
    layers = of_kind(recorded, norm).items()
    return {layer: filter_distances(ranking(rows)) for layer, rows in layers}


def mask_pairs(recorded: Mapping[str, Tensor], ratio: float) -> Array:
    """Return the mask distances between all pairs of epochs (epochs, epochs), epoch 1 first.

    The untrained network has no mask, because its scale factors are all equal.
    """
    scales = {layer: rows[1:] for layer, rows in of_kind(recorded, SCALE).items()}
    return mask_distances(channel_masks(scales, ratio))


def mean(pairs: Pairs) -> Array:
    """Return the mean over layers."""
    average: Array = np.mean(list(pairs.values()), axis=0)
    return average


def chance(recorded: Mapping[str, Tensor]) -> float:
    """Return the expected distance between random rankings, averaged over layers."""
    lengths = [rows.shape[1] for rows in of_kind(recorded, RANKED_BY).values()]
    return sum(expected_distance(length) for length in lengths) / len(lengths)


def to_last(pairs: Pairs, by_layer: bool) -> dict[str, Any]:
    """Return the distance from every epoch to the last one, averaged over layers.

    With `by_layer` also the distance of each layer; only for one norm, to keep lines small.
    """
    average = mean(pairs)[:, -1]
    found = {"to_epoch": len(average) - 1, "mean": _rounded(average)}
    if by_layer:
        found["layers"] = {layer: _rounded(array[:, -1]) for layer, array in pairs.items()}
    return found


def to_next(pairs: Array) -> list[float]:
    """Return the distance from every epoch to the next."""
    return _rounded(np.diagonal(pairs, 1))


def _rounded(values: Array) -> list[float]:
    return [round(float(value), DECIMALS) for value in values]


def _write(path: Path, filters: Pairs, masks: Array, whose: dict[str, Any]) -> None:
    """Write all pairs of epochs: "filters/<layer>" and "masks", float32."""
    arrays = {**{f"filters/{layer}": array for layer, array in filters.items()}, "masks": masks}
    tensors = {name: torch.from_numpy(array).float() for name, array in arrays.items()}
    write_tensors(path, tensors, json.dumps(whose))
