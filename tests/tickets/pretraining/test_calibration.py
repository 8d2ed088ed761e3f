"""The parts in which images are taken to estimate BatchNorm's statistics again."""

import copy
from typing import Any

import pytest

from loft.core.data.resident_images import Images
from loft.core.errors import UserError
from loft.run import check
from loft.tickets.pretraining.calibration import CALIBRATION_BATCH


@pytest.mark.parametrize("more", [-1, 0, 1, 2])
def test_a_last_part_of_one_image_is_refused(
    tiny: dict[str, Any], images: Images, more: int
) -> None:
    """BatchNorm finds no variance in one pixel of one image, which digits of 8x8 leave."""
    count = CALIBRATION_BATCH + more
    values = copy.deepcopy(tiny)
    values["pretrain"]["calibration_images"] = count
    run = check({**tiny}, "tiny")
    batches = images.batches(run.augment, 32, "cpu")
    parts = [len(part) for part in batches.calibration(count, CALIBRATION_BATCH)]
    assert sum(parts) == count
    assert max(parts) <= CALIBRATION_BATCH
    if min(parts) > 1:
        assert check(values, "tiny").pretrain.calibration_images == count
    else:
        expected = f"found {count}, in parts of {CALIBRATION_BATCH} with a last one of 1"
        with pytest.raises(UserError, match=expected):
            check(values, "tiny")
