"""Test which models are checked before a run, and with how many threads."""

import pytest

from loft.diversity.steps import check
from loft.run import check as checked
from tests.diversity.runs import TINY


def test_every_model_but_logistic_regression_is_checked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[tuple[str, int]] = []

    def trust(learner: object, inputs: object, threads: int) -> None:
        found.append((type(learner).__name__, threads))

    monkeypatch.setattr(check, "trust_learner", trust)
    check.run(checked(TINY, "tiny"))
    assert found == [("Learner", 1)]  # the convnet; all others are logistic
