"""What a sample of test images adds to an interval."""

import numpy as np
import pytest

from loft.tickets.report.verdicts.image_sampling import image_error


def test_the_error_over_images_by_hand() -> None:
    """90 % and 80 % of 100 images: sqrt(9 + 16) points."""
    assert image_error(90.0, 80.0, 100) == pytest.approx(5)
    assert image_error(90.0, 80.0, 400) == pytest.approx(2.5)
    assert image_error(100.0, 100.0, 10) == 0


def test_it_is_no_less_than_that_of_networks_that_agree() -> None:
    """Two networks that mostly fail on the same hard images, on 5,000 samples of 200 images."""
    random = np.random.default_rng(1)
    hard = random.random((5000, 200)) < 0.2
    right = [~hard | (random.random(hard.shape) < share) for share in (0.3, 0.2)]
    apart = 100 * (right[0].mean(1) - right[1].mean(1))
    first, second = (100 * float(each.mean()) for each in right)
    assert apart.std() < image_error(first, second, 200)
