"""Files become the same images whoever reads them, and a damaged one is a line."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from loft.core.data.parallel_loading import LoadedImages, Seeded, centre_crop, load, random_crop
from loft.core.data.settings import ResizedCrop
from loft.core.errors import JobError, UserError
from loft.core.processes.signals import ENDING_SIGNALS
from tests.conftest import ROOT
from tests.pictures import picture

CROP = ResizedCrop(scale=[0.2, 0.9], ratio=[0.75, 1.5], flip=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(6):
        picture(number, "RGB").save(tmp_path / f"{number}.png")
    return tmp_path


def test_unaugmented_images_are_scaled_and_cut_as_by_hand(folder: Path) -> None:
    for number in range(6):
        drawn = functional.pil_to_tensor(Image.open(folder / f"{number}.png"))
        height, width = drawn.shape[1:]
        short = min(height, width)
        scaled = functional.resize(drawn, [20 * height // short, 20 * width // short])
        top, left = (round((side - 16) / 2) for side in scaled.shape[1:])
        by_hand = scaled[:, top : top + 16, left : left + 16]
        composed = v2.Compose([v2.Resize(20), v2.CenterCrop(16)])(drawn)
        (seen,) = load(
            LoadedImages(folder, 3, centre_crop(16, 20)), [[(f"{number}.png", 0)]], 0, False
        )
        assert torch.equal(seen[0].permute(2, 0, 1), by_hand)
        assert torch.equal(by_hand, composed)


def test_a_seed_draws_a_part_of_the_image_flipped_or_not(tmp_path: Path) -> None:
    """On a ramp the columns of a view tell where it was cut, and its direction if it is flipped."""
    ramp = np.tile(np.arange(100, dtype=np.uint8)[None, :, None] * 2, (80, 1, 3))
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    views = LoadedImages(tmp_path, 3, random_crop(16, CROP))
    (seen,) = load(views, [[("ramp.png", seed) for seed in range(40)]], 0, pinned=False)
    rows = seen[:, 0, :, 0].int()  # (b, 16)
    assert torch.equal(seen[..., 0].int(), rows[:, None].expand(-1, 16, -1))
    rising = rows[:, -1] > rows[:, 0]
    assert 0 < rising.sum() < 40
    upright = torch.where(rising[:, None], rows, rows.flip(1))
    assert (upright.diff(dim=1) >= 0).all()
    widths = (upright[:, -1] - upright[:, 0]) / 2 * 16 / 15  # pixels of the original
    area = 80 * 100
    assert widths.min() > (0.2 * area * 0.75) ** 0.5 - 3
    assert widths.max() <= 100
    assert len(set(upright[:, 0].tolist())) > 10


def batches() -> list[list[Seeded]]:
    return [[(f"{(3 * i + j) % 6}.png", 100 * i + j) for j in range(4)] for i in range(5)]


def loaded(folder: Path, loaders: int) -> Tensor:
    views = LoadedImages(folder, 3, random_crop(16, CROP))
    return torch.stack(list(load(views, batches(), loaders, pinned=False)))


def test_the_number_of_loaders_changes_no_bit(folder: Path) -> None:
    state = torch.get_rng_state()
    alone = loaded(folder, 0)
    assert alone.shape == (5, 4, 16, 16, 3)
    assert len({view.numpy().tobytes() for batch in alone for view in batch}) == 20
    for loaders in (1, 2):
        assert torch.equal(loaded(folder, loaders), alone)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("loaders", [0, 2])
def test_a_loaders_error_is_the_same_line(folder: Path, loaders: int) -> None:
    (folder / "4.png").write_bytes(b"")
    with pytest.raises(UserError) as error:
        loaded(folder, loaders)
    assert str(error.value).startswith(f"{folder / '4.png'}: expected a whole image")
    assert "\n" not in str(error.value)
    assert multiprocessing.active_children() == []


def test_signals_that_ask_a_job_to_end_do_not_end_its_loaders(folder: Path) -> None:
    """They come to all of its processes, and it has yet to keep its state."""
    given = batches() * 4
    arriving = load(LoadedImages(folder, 3, centre_crop(16, 20)), given, 1, pinned=False)
    first = next(arriving)
    (loader,) = multiprocessing.active_children()
    assert loader.pid is not None
    for number in ENDING_SIGNALS:
        os.kill(loader.pid, number)
    assert first.shape == (4, 16, 16, 3)
    assert len(list(arriving)) == len(given) - 1


def test_a_killed_loader_is_one_line(folder: Path) -> None:
    arriving = load(LoadedImages(folder, 3, centre_crop(16, 20)), batches() * 20, 1, pinned=False)
    next(arriving)
    (loader,) = multiprocessing.active_children()
    assert loader.pid is not None
    os.kill(loader.pid, signal.SIGKILL)
    with pytest.raises(JobError, match="a process that loads images is lost: ") as error:
        list(arriving)
    assert "\n" not in str(error.value)


LOADING = """
import sys
from pathlib import Path
from loft.core.errors import JobError
from loft.core.data.parallel_loading import LoadedImages, load, centre_crop
files = [[(f"{number}.png", 0) for number in range(6)]]
try:
    list(load(LoadedImages(Path(sys.argv[1]), 3, centre_crop(160, 160)), files, 1, pinned=False))
except JobError as error:
    print(error)
"""
NAMESPACE = ["unshare", "--mount", "--map-root-user"]


@pytest.mark.parametrize("option", [pytest.param("ro", marks=pytest.mark.slow), "size=64k"])
def test_without_room_in_shared_memory_loading_ends_in_a_line(folder: Path, option: str) -> None:
    """By itself torch would end in tracebacks, or wait for ever."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    if subprocess.run([*NAMESPACE, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this user may make no namespaces")
    mount = f'mount -t tmpfs -o {option} tmpfs /dev/shm && exec "$@"'
    python = [sys.executable, "-c", LOADING, str(folder)]
    done = subprocess.run(
        [*NAMESPACE, "sh", "-c", mount, "sh", *python],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout.startswith("/dev/shm ")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
