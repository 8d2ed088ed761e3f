"""Make the table of when pretraining could stop: when tickets of consecutive epochs hardly differ.

Early-Bird (You et al., 2019, arXiv:1909.11957) keeps the last five mask distances between
consecutive epochs, and draws its ticket when the largest of them is below 0.1. LoFT gives no rule
for its filter distance (section 8). We use the same rule on the mean filter distance from each
epoch to the next, divided by the expected distance between random rankings of the same lengths. Its
threshold is our choice: at Early-Bird's ratio of 0.5 two random masks differ in half of their
channels, so 0.1 is a fifth of the distance between random masks.

Both rules are applied to pretrainings that ran to their end, with a learning rate planned for it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.tickets.report.job_lines import Job
from loft.tickets.results.printed import GIGA

TITLE = "When to stop pretraining"
CAPTION = """
The epoch after which each pretraining would have been stopped, by Early-Bird's rule on mask
distances and by the same rule on filter distances, and the share of epochs and the gigabytes that
this would have saved. The epoch is blank where a rule never stops.
"""
RULES = {  # kind of distances -> name of the rule, and the key of its threshold
    "filters": ("filter distance", "filter_threshold"),
    "masks": ("early-bird", "mask_threshold"),
}


def stopping_epoch(
    distances: Sequence[float], start: int, threshold: float, window: int
) -> int | None:
    """Return the first epoch whose last `window` distances are all below a threshold, or None.

    Args:
        distances: distance from each epoch to the next.
        start: epoch that the first distance starts from.
        threshold: upper bound of the distances.
        window: number of consecutive distances below the threshold.
    """
    for end in range(window, len(distances) + 1):
        if max(distances[end - window : end]) < threshold:
            return start + end
    return None


def make(jobs: Iterable[Job]) -> pd.DataFrame:
    """Return the epoch at which each rule would have stopped each pretraining, and the savings.

    `epoch` is blank if a rule never stops. Every epoch sends the same bytes, so `saved_percent`
    holds for epochs and for communication; `saved_gigabytes` is counted.
    """
    jobs = list(jobs)
    sent = {
        _whose({**job[0], "model": job[0]["model"]["name"]}): [
            line["bytes_sent"] for line in job if line["kind"] == "epoch"
        ]
        for job in jobs
        if job[0]["step"] == "pretrain"
    }
    return pd.DataFrame(
        [
            _row(line, job[0], sent[_whose(line)])
            for job in jobs
            for line in job
            if line["kind"] == "consecutive"
        ]
    )


def _whose(line: Line) -> tuple[Any, ...]:
    return tuple(line[key] for key in ("model", "dataset", "cell", "seed"))


def _row(line: Line, about: Line, sent: list[int]) -> dict[str, Any]:
    """Return the row of one rule and one pretraining.

    Args:
        line: line with the pretraining's distances.
        about: first line of its job, with thresholds and window.
        sent: bytes sent up to the end of each epoch.
    """
    rule, key = RULES[line["of"]]
    threshold, window, epochs = about[key], about["window"], len(sent)
    epoch = stopping_epoch(line["distances"], line["from_epoch"], threshold, window)
    end = epochs if epoch is None else epoch
    return {
        **{name: line[name] for name in ("model", "dataset", "cell", "seed")},
        "rule": rule,
        "threshold": threshold,
        "epoch": epoch,
        "epochs": epochs,
        "saved_percent": 100 * (1 - end / epochs),
        "saved_gigabytes": (sent[-1] - sent[end - 1]) / GIGA,
    }
