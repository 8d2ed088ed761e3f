"""Data are made anew where their originals changed, and only there."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loft.core.data.originals.folder_tree import walk
from loft.core.data.originals.hashes import Hashes
from loft.core.data.originals.manifest import OLD, Manifest, Reading, flag_changes, parse
from loft.soda import libsvm
from loft.soda.jobs import SamplesJob
from loft.soda.settings import LibsvmData
from loft.soda.steps import samples
from tests import pictures
from tests.conftest import TINY, write_params
from tests.project import copy_to, snakemake
from tests.soda.test_workflow import PROBLEM
from tests.soda.test_workflow import TINY as SODA


class Watched:
    """A folder of data, and what is said of it when the graph is built."""

    def __init__(self, folder: Path) -> None:
        self.root, self.made = folder / "root", folder / "originals.json"
        self.flag, self.cache = folder / "work" / "changed", folder / "cache"

    @property
    def changed(self) -> bool:
        """Whether the file that stands for the data is new."""
        name = flag_changes(self.made, self.root, self.flag, self.cache)
        assert name == str(self.flag)
        new = self.flag.stat().st_mtime != OLD
        assert bool(self.flag.read_bytes()) == new
        return new


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """Two folders of images and a file, noted."""
    found = Watched(tmp_path)
    pictures.write_folder(found.root, train=2, test=1)
    (found.root / "file").write_bytes(b"content")
    reading = Reading(hashes=Hashes(found.cache))
    for part in ("train", "val"):
        reading.note(part, walk(found.root / part))
    reading.read.files = {"file": reading.hashes.file(found.root / "file"), "file.bz2": None}
    reading.read.write(found.made)
    return found


def overwrite(path: Path) -> None:
    """Change a bit in the middle of a file, whose size stays as it is."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "another class": (
        lambda root: shutil.copytree(root / "train" / "ant", root / "train" / "cat"),
        "train/cat is new",
    ),
    "a class less": (lambda root: shutil.rmtree(root / "val" / "bee"), "val/bee is gone"),
    "an image of the same size": (
        lambda root: overwrite(root / "train" / "ant" / "01.jpg"),
        "train/ant is another",
    ),
    "an image less": (
        lambda root: (root / "train" / "ant" / "01.jpg").unlink(),
        "train/ant is another",
    ),
    "a part less": (lambda root: shutil.rmtree(root / "val"), "val is gone"),
    "a file cut": (lambda root: (root / "file").write_bytes(b"con"), "file is another"),
    "a file that would be taken first": (
        lambda root: (root / "file.bz2").write_bytes(b"x"),
        "file.bz2 is new",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_of_content_makes_the_data_anew(
    watched: Watched, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    assert not watched.changed
    change, said = CHANGES[case]
    shutil.copytree(watched.root, watched.root.with_name("before"))
    change(watched.root)
    assert watched.changed
    first = watched.flag.read_bytes()
    line = f"{watched.root}: changed since {watched.made} was made: {said}\n"
    assert capsys.readouterr().err == line
    assert watched.changed
    assert watched.flag.read_bytes() != first  # so that it is never what a job saw
    shutil.rmtree(watched.root)
    watched.root.with_name("before").rename(watched.root)
    assert not watched.changed


def test_what_changes_no_image_makes_nothing_anew(watched: Watched) -> None:
    for path in watched.root.rglob("*"):
        path.touch()
    (watched.root / "train" / "ant" / "more.txt").write_text("x")
    (watched.root / "train" / "ant" / "._01.jpg").write_text("x")
    (watched.root / "elsewhere").mkdir()
    assert not watched.changed


def test_where_no_original_is_nothing_changed(watched: Watched) -> None:
    """As on a machine that fetched what was made."""
    shutil.rmtree(watched.root)
    assert not watched.changed
    watched.root.mkdir()
    assert not watched.changed


def test_without_a_manifest_the_data_are_made_anyway(watched: Watched) -> None:
    watched.made.unlink()
    assert not watched.changed
    assert watched.flag.exists()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"files": {}}', '{"files": {"/etc/passwd": null}, "folders": {}}',
     '{"files": {}, "folders": {"../..": {}}}', '{"files": {}, "folders": {"train": 1}}'],
)  # fmt: skip
def test_a_damaged_manifest_makes_the_data_anew(
    watched: Watched, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    """One that names what lies elsewhere is damaged too: nothing there is opened."""
    watched.made.write_text(content)
    assert parse(watched.made) is None
    assert watched.changed
    assert f"{watched.made} is damaged" in capsys.readouterr().err


def test_a_file_that_is_a_pipe_does_not_hang(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    (watched.root / "file").unlink()
    os.mkfifo(watched.root / "file")
    assert not watched.changed  # it could not be made anew either
    assert "file: found a pipe; expected a file" in capsys.readouterr().err


def test_what_is_downloaded_is_not_made_twice(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list holds what the step itself put there."""
    mirror = tmp_path / "mirror" / "binary"
    mirror.mkdir(parents=True)
    (mirror / "madelon").write_text("+1 1:0.5\n-1 2:1\n")
    known = libsvm.Published("binary/madelon", 2, 2, Hashes().file(mirror / "madelon"))
    monkeypatch.setitem(libsvm.PUBLISHED, "madelon", known)
    watched.root = tmp_path / "data"
    data = LibsvmData(
        name="libsvm",
        dataset="madelon",
        data_dir=str(watched.root),
        mirrors=[mirror.parent.as_uri()],
        positive=None,
    )
    watched.made.unlink()
    assert not watched.changed
    job = SamplesJob(data=data, normalisation="none")
    samples.run(job, tmp_path / "samples.npz", watched.made, watched.cache)
    found = parse(watched.made)
    assert found == Manifest({"madelon": known.sha256, "madelon.bz2": None})
    assert not watched.changed


def run(folder: Path) -> dict[str, Any]:
    """A run of images in folders and of samples in a file."""
    file = {"name": "libsvm", "dataset": "mine", "data_dir": "data", "mirrors": []}
    problem = {**PROBLEM, "name": "mine", "data": {**file, "positive": None}}
    soda = {**SODA["soda"], "problems": [problem], "processes": None}
    pictures.write_folder(folder / "data" / "pets", train=2, test=1)
    (folder / "data" / "mine").write_text("+1 1:0.5 3:2\n-1 2:1\n" * 20)
    sgd = {**TINY["pretrain"]["sgd"], "batch_size": 2}
    return {
        **TINY,
        "run": "mine",
        "studies": ["tickets", "soda"],
        "data": pictures.settings(Path("data/pets"), statistics_images=2),
        "augment": pictures.AUGMENT,
        "methods": {"dense": {"workers": [1]}},
        "pretrain": {**TINY["pretrain"], "calibration_images": 2, "sgd": sgd},
        "finetune": {**TINY["finetune"], "sgd": sgd, "early": {"cells": [], "ratios": []}},
        "soda": soda,
    }


GIVEN = [
    *(f"results/mine/data/{name}" for name in ("images.safetensors", "soda/mine/samples.npz")),
    *("--configfile", "params/mine.yaml"),
]


def make(folder: Path) -> Path:
    """Make the data of both studies in a copy of the project."""
    copy_to(folder)
    write_params(folder / "params" / "mine.yaml", run(folder))
    done = snakemake(folder, *GIVEN, "--cores", "2")
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def planned(folder: Path) -> set[str]:
    """The rules that snakemake would run."""
    done = snakemake(folder, *GIVEN, "-n", "--quiet", "host")
    text = done.stdout + done.stderr
    assert done.returncode == 0, text
    return {line.split()[1] for line in text.splitlines() if line.startswith("rule ")}


def change(folder: Path) -> None:
    """Change a bit of an image, and cut a file of samples."""
    overwrite(folder / "data" / "pets" / "train" / "ant" / "01.jpg")
    (folder / "data" / "mine").write_text("+1 1:0.5 3:2\n-1 2:1\n" * 10)


def test_the_graph_knows_the_data_by_content(tmp_path: Path) -> None:
    folder = make(tmp_path / "project")
    for path in (folder / "data").rglob("*"):
        path.touch()
    assert planned(folder) == set()
    change(folder)
    assert planned(folder) == {"data:", "soda_samples:"}


@pytest.mark.slow
def test_what_was_fetched_is_not_made_anew(tmp_path: Path) -> None:
    """Without the originals, with the same ones, with others; and after they came back."""
    author = make(tmp_path / "author")
    reader = copy_to(tmp_path / "reader")
    shutil.copy(author / "params" / "mine.yaml", reader / "params")
    shutil.copytree(author / "results", reader / "results", copy_function=shutil.copyfile)
    shutil.copytree(author / ".snakemake" / "metadata", reader / ".snakemake" / "metadata")
    for number, path in enumerate(reader.glob("results/**/*")):
        os.utime(path, (1e9 + number % 7, 1e9 + number % 7))
    assert planned(reader) == set()
    shutil.copytree(author / "data", reader / "data", copy_function=shutil.copyfile)
    assert planned(reader) == set()
    change(reader)
    assert planned(reader) == {"data:", "soda_samples:"}
    shutil.rmtree(reader / "data")
    shutil.copytree(author / "data", reader / "data")
    assert planned(reader) == set()
    change(reader)
    before = (reader / "results/mine/data/images.safetensors").read_bytes()
    assert snakemake(reader, *GIVEN, "--cores", "2").returncode == 0
    assert planned(reader) == set()
    # So that what was trained on the old images is another job's, wherever it stopped.
    assert (reader / "results/mine/data/images.safetensors").read_bytes() != before
