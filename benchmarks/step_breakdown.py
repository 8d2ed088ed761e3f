"""Break a training step down by kind of operation: dense, LoFT workers, tickets, two widths.

    python -m benchmarks.step_breakdown

Writes milliseconds of a step by kind of operation, from torch's profiler: medians over steps, with
one thread like a worker. `benchmarks.steps` counts only the operations of convolutions and of the
classifier. The other kinds, above all BatchNorm between blocks, are what LoFT's partition does not
make smaller.
"""

import argparse
import statistics

import pandas as pd
import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from benchmarks.measuring import RESULTS
from benchmarks.steps import WIDTH, networks
from benchmarks.training import BATCH, COMPUTE, SGD, network
from loft.core.training.learner import Learner

OUT = RESULTS.parent / "ablations" / "step-account.csv"
NARROW = 16
KINDS = {  # part of an operator's name -> kind; the first match counts
    "convolution_backward": "convolutions, backward",
    "convolution": "convolutions, forward",
    "batch_norm": "BatchNorm",
    "threshold": "ReLU and sums",
    "clamp_min": "ReLU and sums",
    "relu": "ReLU and sums",
    "aten::add": "ReLU and sums",
    "_fused_sgd": "update",
}
OTHER = "other"
COLUMNS = [*dict.fromkeys(KINDS.values()), OTHER]


def kind(operator: str) -> str:
    """Return the kind of one of torch's operators."""
    return next((found for part, found in KINDS.items() if part in operator), OTHER)


def spent(learner: Learner, images: Tensor, labels: Tensor) -> dict[str, float]:
    """Take a step; return its milliseconds by kind."""
    with profile(activities=[ProfilerActivity.CPU]) as found:
        learner.step(images, labels, SGD.learning_rate)
    milliseconds = dict.fromkeys(COLUMNS, 0.0)
    for event in found.key_averages():
        milliseconds[kind(event.key)] += event.self_cpu_time_total / 1000
    return milliseconds


def account(times: int) -> pd.DataFrame:
    """Return a row for each network."""
    images = torch.rand(BATCH, 3, 32, 32).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (BATCH,))
    made = {f"{name}, width {WIDTH}": model for name, model in networks().items()}
    made[f"dense, width {NARROW}"] = network(NARROW)
    learners = {name: Learner(model, SGD, COMPUTE, "cpu") for name, model in made.items()}
    samples: dict[str, list[dict[str, float]]] = {name: [] for name in learners}
    for turn in range(times + 1):
        for name, learner in learners.items():
            step = spent(learner, images, labels)
            if turn:  # the first warms up
                samples[name].append(step)
    rows = []
    for name, steps in samples.items():
        medians = {part: statistics.median(step[part] for step in steps) for part in COLUMNS}
        whole = statistics.median(sum(step.values()) for step in steps)
        rows.append({"step": name, **medians, "all": whole})
    return pd.DataFrame(rows)


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, metavar="N", help="samples")
    given = parser.parse_args()
    torch.set_num_threads(1)
    text = account(given.times).to_csv(index=False, float_format="%.1f", lineterminator="\n")
    OUT.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
