"""Read the values that the paper prints in Table 1; map its names of networks and methods."""

import importlib.resources

import pandas as pd

GIGA = 1e9  # bytes of "1 G" in the paper's cost column
PAPER_MODELS = {
    "preresnet18": "PreResNet-18",
    "preresnet34": "PreResNet-34",
    "resnet34": "ResNet-34",
}
PAPER_METHODS = {"gpipe": "GPipe", "local_sgd": "Local SGD", "loft": "LoFT"}
PAPER_WIDTH = 64


def paper_table() -> pd.DataFrame:
    """Return the paper's Table 1 as transcribed, versions 1 and 2."""
    source = importlib.resources.files("loft.tickets.results") / "paper_table1.csv"
    with importlib.resources.as_file(source) as path:
        return pd.read_csv(path)


def paper_rows(model: str, dataset: str) -> pd.DataFrame:
    """Return the long version's rows of Table 1 for one of our networks on a data set."""
    printed = paper_table()
    return printed[
        (printed["version"] == "v2")
        & (printed["model"] == PAPER_MODELS.get(model))
        & (printed["dataset"] == dataset)
    ]
