"""CIFAR is read from original files or archives; damaged and hostile files are refused."""

import hashlib
import io
import pickle
import tarfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torchvision.datasets import CIFAR10, CIFAR100

from loft.core.data.originals.manifest import Reading
from loft.core.data.resident_images import Images
from loft.core.data.sources import collect, prepare
from loft.core.data.sources.settings import CifarData
from loft.core.errors import UserError


def cifar(folder: Path, mirrors: list[str], name: Literal["cifar10", "cifar100"]) -> CifarData:
    return CifarData(
        name=name,
        data_dir=str(folder),
        mirrors=mirrors,
        train_images=10,
        test_images=10,
        split_seed=0,
    )


def test_missing_cifar10_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"no mirror to download it from; expected the original files of CIFAR10"
    ):
        prepare(cifar(tmp_path, [], "cifar10"), loaders=0)


def test_mirrors_are_tried_in_turn(tmp_path: Path) -> None:
    """Two that do not answer; the line says what each of them said."""
    mirrors = ["http://127.0.0.1:9", "http://127.0.0.1:10"]
    with pytest.raises(UserError) as error:
        prepare(cifar(tmp_path, mirrors, "cifar10"), loaders=0)
    assert all(mirror in str(error.value) for mirror in mirrors)
    assert "\n" not in str(error.value)


def test_damaged_cifar10_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch", "batches.meta"]:
        (folder / name).write_bytes(pickle.dumps({"data": []}))
    with pytest.raises(
        UserError, match=r"data_batch_1: found MD5 \w+; expected c99cafc1\w+, of the"
    ):
        prepare(cifar(tmp_path, [], "cifar10"), loaders=0)


def write_cifar(root: Path, source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write small files in a CIFAR's own format, and have torchvision expect their MD5s.

    Every image is filled with its number; its label is that number modulo the classes.
    """
    folder = root / source.base_folder
    folder.mkdir()
    fine = source is CIFAR100
    classes, number = (100, 0) if fine else (10, 0)

    def save(name: str, content: dict[str, Any]) -> list[str]:
        data = pickle.dumps(content)
        (folder / name).write_bytes(data)
        return [name, hashlib.md5(data, usedforsecurity=False).hexdigest()]

    lists: dict[str, list[list[str]]] = {}
    for key in ("train_list", "test_list"):
        lists[key] = []
        for name, _ in getattr(source, key):
            numbers = np.arange(number, number + 100 // len(getattr(source, key)))
            number += len(numbers)
            pixels = np.repeat(numbers.astype(np.uint8)[:, None], 3072, axis=1)
            labels = {"fine_labels" if fine else "labels": (numbers % classes).tolist()}
            lists[key].append(save(name, {"data": pixels, **labels}))
        monkeypatch.setattr(source, key, lists[key])
    names = {source.meta["key"]: [f"class{number}" for number in range(classes)]}
    _, md5 = save(source.meta["filename"], names)
    monkeypatch.setattr(source, "meta", {**source.meta, "md5": md5})


@pytest.mark.parametrize(
    ("name", "source", "classes"), [("cifar10", CIFAR10, 10), ("cifar100", CIFAR100, 100)]
)
def test_both_cifars_are_read_and_drawn_by_seed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: Literal["cifar10", "cifar100"],
    source: Any,
    classes: int,
) -> None:
    write_cifar(tmp_path, source, monkeypatch)
    images = prepare(cifar(tmp_path, [], name), loaders=0)
    assert isinstance(images, Images)
    assert (images.dataset, images.classes) == (f"CIFAR-{classes}", classes)
    assert images.train.shape == images.test.shape == (10, 3, 32, 32)
    for part, labels, first in [
        (images.train, images.train_labels, 0),
        (images.test, images.test_labels, 100),
    ]:
        numbers = part[:, 0, 0, 0]
        assert torch.equal(part, numbers.view(-1, 1, 1, 1).expand_as(part))
        assert len(set(numbers.tolist())) == 10  # drawn without repetition
        assert all(first <= number < first + 100 for number in numbers.tolist())
        assert torch.equal(labels, numbers % classes)


def test_damaged_cifar100_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cifar(tmp_path, CIFAR100, monkeypatch)
    with (tmp_path / "cifar-100-python" / "train").open("ab") as file:
        file.write(b".")
    with pytest.raises(
        UserError,
        match=r"cifar-100-python/train: found MD5 \w+; expected \w+, of the original file",
    ):
        prepare(cifar(tmp_path, [], "cifar100"), loaders=0)


class Trap:
    """What runs code when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_damaged_files_are_not_unpickled(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    content = pickle.dumps(Trap(tmp_path / "sprung"))
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch", "batches.meta"]:
        (folder / name).write_bytes(content)
    with pytest.raises(
        UserError, match=r"data_batch_1: found MD5 \w+; expected c99cafc1\w+, of the"
    ):
        prepare(cifar(tmp_path, [], "cifar10"), loaders=0)
    assert not (tmp_path / "sprung").exists()
    pickle.loads(content)  # noqa: S301
    assert (tmp_path / "sprung").exists()


def archive(path: Path, source: Any, folder: Path, evil: list[tarfile.TarInfo]) -> str:
    """Write a mirror's archive of a folder's files and evil members; return its MD5."""
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as tar:
        for member in evil:
            if member.isfile():
                tar.addfile(member, io.BytesIO(b"x" * member.size))
            else:
                tar.addfile(member)
        for file in sorted(folder.iterdir()):
            tar.add(file, f"{source.base_folder}/{file.name}")
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def member(name: str, link: str = "", kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.size = 0 if link else 1
    found.linkname, found.type = link, kind if link else tarfile.REGTYPE
    return found


def mirrored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *evil: tarfile.TarInfo) -> CifarData:
    """Settings for CIFAR-10 from a mirror whose archive, of the right MD5, has evil members."""
    (tmp_path / "original").mkdir()
    write_cifar(tmp_path / "original", CIFAR10, monkeypatch)
    path = tmp_path / "mirror" / CIFAR10.filename
    md5 = archive(path, CIFAR10, tmp_path / "original" / CIFAR10.base_folder, [*evil])
    monkeypatch.setattr(CIFAR10, "tgz_md5", md5)
    (tmp_path / "data").mkdir()
    return cifar(tmp_path / "data", [path.parent.as_uri()], "cifar10")


def test_no_member_of_an_archive_leaves_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Absolute, by dots, through a link, and on a file that is there already."""
    (tmp_path / "precious").write_text("mine")
    folder = CIFAR10.base_folder
    evil = [
        member("../escaped"),
        member(f"{folder}/../../escaped"),
        member(str(tmp_path / "escaped")),
        member("way", ".."),
        member("way/escaped"),
        member(f"{folder}/link", str(tmp_path / "precious")),
        member(f"{folder}/link"),
        member("hard", "../precious", tarfile.LNKTYPE),
        member("more"),
    ]
    images = prepare(mirrored(tmp_path, monkeypatch, *evil), loaders=0)
    assert images.train_images == 10
    assert {path.name for path in tmp_path.iterdir()} == {"original", "mirror", "data", "precious"}
    assert (tmp_path / "precious").read_text() == "mine"
    assert {path.name for path in (tmp_path / "data").iterdir()} == {folder}
    wanted = {path.name for path in (tmp_path / "original" / folder).iterdir()}
    assert {path.name for path in (tmp_path / "data" / folder).iterdir()} == wanted


def test_an_archive_without_the_files_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = mirrored(tmp_path, monkeypatch)
    path = tmp_path / "mirror" / CIFAR10.filename
    for content in (b"no archive", path.read_bytes()[:200]):
        path.write_bytes(content)
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        monkeypatch.setattr(CIFAR10, "tgz_md5", md5)
        with pytest.raises(UserError, match="no mirror served it") as error:
            prepare(settings, loaders=0)
        assert "\n" not in str(error.value)
        assert not (tmp_path / "data" / CIFAR10.base_folder).exists()
    monkeypatch.setattr(CIFAR10, "tgz_md5", "0" * 32)
    with pytest.raises(UserError, match=r"found MD5 \w+; expected 0000"):
        prepare(settings, loaders=0)


def test_a_mirrors_archive_lacks_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = mirrored(tmp_path, monkeypatch)
    monkeypatch.setattr(CIFAR10, "train_list", [["data_batch_9", "0" * 32]])
    with pytest.raises(UserError, match=r"no mirror served it .*data_batch_9"):
        prepare(settings, loaders=0)


def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[CifarData, Path]:
    """Settings for CIFAR-10 without a mirror, and its archive, which lies in the folder of data."""
    settings = mirrored(tmp_path, monkeypatch)
    archive = tmp_path / "data" / CIFAR10.filename
    (tmp_path / "mirror" / CIFAR10.filename).rename(archive)
    return settings.model_copy(update={"mirrors": []}), archive


def test_an_archive_in_the_folder_of_data_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = own(tmp_path, monkeypatch)
    reading = Reading()
    collect(settings, reading)
    folder = tmp_path / "data" / CIFAR10.base_folder
    assert {path.name for path in folder.iterdir()} == {*(f"data_batch_{n}" for n in range(1, 6)),
                                                        "test_batch", "batches.meta"}  # fmt: skip
    assert {*reading.read.files} == {f"{folder.name}/{path.name}" for path in folder.iterdir()}
    (folder / "test_batch").write_bytes(b"another")
    with pytest.raises(
        UserError, match=r"test_batch: found MD5 \w+; expected \w+, of the original"
    ):
        prepare(settings, loaders=0)


def test_an_unpacking_that_was_cut_off_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there already is left as it is, and what is missing is unpacked."""
    settings, archive = own(tmp_path, monkeypatch)
    prepare(settings, loaders=0)
    folder = tmp_path / "data" / CIFAR10.base_folder
    kept = (folder / "data_batch_1").stat().st_mtime_ns
    for name in ("data_batch_4", "data_batch_5", "test_batch", "batches.meta"):
        (folder / name).unlink()
    prepare(settings, loaders=0)
    assert (folder / "data_batch_1").stat().st_mtime_ns == kept
    (folder / "data_batch_5").unlink()
    archive.unlink()
    with pytest.raises(UserError, match="data_batch_5: no such file and no mirror to download it"):
        prepare(settings, loaders=0)


def test_a_damaged_archive_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, archive = own(tmp_path, monkeypatch)
    archive.write_bytes(archive.read_bytes()[:-1])
    with pytest.raises(
        UserError, match=rf"{archive}: found MD5 \w+; expected \w+, of the original"
    ):
        prepare(settings, loaders=0)
    assert not (tmp_path / "data" / CIFAR10.base_folder).exists()
