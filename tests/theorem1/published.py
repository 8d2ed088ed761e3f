"""The published tables of the default run."""

import pandas as pd

from tests.conftest import ROOT


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(ROOT / "results" / "digits" / "theorem1" / f"{name}.csv")
