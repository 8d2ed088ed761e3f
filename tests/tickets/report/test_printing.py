"""What a reader is told under Table 1."""

from collections.abc import Callable

import pandas as pd
import pytest

from loft.tickets.report.printing import to_latex, to_markdown


def table(multiple: int) -> pd.DataFrame:
    row = {"model": "preresnet18", "dataset": "digits", "method": "loft", "workers": 2}
    row |= {"multiple": multiple, "dense_accuracy": 97.0, "pretrain_accuracy": 90.0}
    row |= {"accuracy_80": 95.0, "comm_gigabytes": 1.0, "comm_gigabytes_paper": 2.0}
    return pd.DataFrame([row | {"verdict": "not comparable"}])


@pytest.mark.parametrize("form", [to_markdown, to_latex])
def test_tickets_in_multiples_are_told(form: Callable[[pd.DataFrame, str], str]) -> None:
    assert "keep multiples of 8 filters in a layer. The note." in form(table(8), "The note.")
    assert "multiples" not in form(table(1), "The note.")


def test_names_that_mean_something_in_latex_and_markdown_are_escaped() -> None:
    named = table(1).assign(dataset=r"cats & 50% $dogs_#1 {a} \b|c")
    row = next(line for line in to_latex(named, "").splitlines() if "cats" in line)
    assert r"cats \& 50\% \$dogs\_\#1 \{a\} \textbackslash{}b|c &" in row
    row = next(line for line in to_markdown(named, "").splitlines() if "cats" in line)
    assert r"\b\|c |" in row
