"""A speed is stated, or measured with a few steps."""

import pytest

from loft.core.data.dimensions import Dimensions
from loft.tickets.planning import costs, speed
from loft.tickets.run.run import Run


def test_a_step_too_long_is_timed_with_fewer_images(
    run: Run, data: Dimensions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "LONGEST", 0)
    (measured,) = speed.measure(run, data).measured
    assert (measured.batch, measured.asked) == (speed.PROBED, 32)
    assert measured.flops == 4 * costs.whole(run.models[0], data).training_flops
    assert measured.seconds > 0


def test_a_stated_speed_is_every_networks(run: Run) -> None:
    speed_ = speed.stated(run, 2.5)
    assert speed_.flops_per_second == {"preresnet18": 2.5e12}
    assert speed_.measured == ()
    assert speed_.device == "2.5 TFLOP/s sustained in training, as stated"
    assert speed_.precision == "float32"  # as the run says


def test_a_measured_speed_is_operations_over_seconds(
    run: Run, data: Dimensions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch of 32 is timed as it is where an image takes a thousandth of a second."""
    monkeypatch.setattr(speed, "_timed", lambda _, batch, *__: batch / 1000)
    found = speed.measure(run, data)
    (measured,) = found.measured
    assert (measured.batch, measured.asked, measured.seconds) == (32, 32, 0.032)
    whole = costs.whole(run.models[0], data).training_flops
    assert found.flops_per_second["preresnet18"] == pytest.approx(1000 * whole)


def test_a_batch_is_halved_until_its_step_is_short(
    run: Run, data: Dimensions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps of 32 and 16 images would take more than a second, and one of 8 takes 0.8."""
    monkeypatch.setattr(speed, "_timed", lambda _, batch, *__: batch / 10)
    (measured,) = speed.measure(run, data).measured
    assert (measured.batch, measured.seconds) == (8, 0.8)
