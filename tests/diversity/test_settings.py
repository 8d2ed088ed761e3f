"""Test what the settings of this study derive from their keys."""

from loft.diversity.settings import FactorSettings, StabilitySettings


def test_only_mechanisms_that_are_tried_have_factors() -> None:
    factors = FactorSettings(none=[1, 2], qsgd=[2])
    assert factors.given() == {"none": [1, 2], "qsgd": [2]}


def test_updates_are_passes_over_the_samples() -> None:
    settings = StabilitySettings(samples=20, fresh=50, step=0.5, passes=3, batches=[1.0])
    assert settings.updates == 60
