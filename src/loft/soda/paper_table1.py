"""Hold the paper's Table 1 and the data sets of its figures."""

from typing import NamedTuple


class Row(NamedTuple):
    """A row of Table 1."""

    dataset: str
    samples: int
    features: int
    lambda_1: float
    lambda_2: float
    support_percent: float


TABLE1 = [
    Row("madelon", 2000, 500, 2e-2, 1e-3, 7.0),
    Row("real-sim", 72309, 20958, 1e-4, 1e-3, 8.6),
    Row("rcv1_train", 20242, 47236, 1e-4, 1e-3, 4.1),
]
FIGURES = {1: ["real-sim", "rcv1_train"], 2: ["madelon"], 3: ["rcv1_train"]}
