"""Images as they are handed out get advice, before any of them is opened."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loft.core.data.sources.class_folders import list_imagenet, list_images
from loft.core.errors import UserError
from tests import pictures


def tars(root: Path) -> None:
    for name in ("ILSVRC2012_img_train.tar", "ILSVRC2012_img_val.tar"):
        (root / name).write_bytes(b"")


def tar_of_each_class(root: Path) -> None:
    (root / "train").mkdir()
    for number in range(3):
        (root / "train" / f"n0144{number}.tar").write_bytes(b"")


def flat(root: Path) -> None:
    (root / "train").mkdir()
    for number in range(3):
        (root / "train" / f"ILSVRC2012_val_{number}.JPEG").write_bytes(b"")


def tiny_imagenet(root: Path) -> None:
    (root / "train" / "images").mkdir(parents=True)
    (root / "train" / "images" / "val_0.JPEG").write_bytes(b"")
    (root / "train" / "val_annotations.txt").write_text("val_0.JPEG\tn0144\t0\t32\t44\t62\n")


def one_class(root: Path) -> None:
    (root / "train" / "cat").mkdir(parents=True)
    (root / "train" / "cat" / "1.png").write_bytes(b"")


FORMS: dict[str, tuple[Callable[[Path], None], str]] = {
    "tars": (tars, "train: no such folder, but ILSVRC2012_img_train.tar and 1 more, which must be"),
    "a tar of each class": (
        tar_of_each_class,
        "there, but n01440.tar and 2 more, which must be un",
    ),
    "flat": (flat, "found 3 images and no folder of a class; expected a folder of images for each"),
    "Tiny-ImageNet": (tiny_imagenet, "val_annotations.txt says which class's folder to move each"),
    "one class": (one_class, "found one class alone, cat; expected two or more"),
}


@pytest.mark.parametrize("form", FORMS)
def test_other_forms_are_told_apart(tmp_path: Path, form: str) -> None:
    make, expected = FORMS[form]
    make(tmp_path)
    with pytest.raises(UserError) as error:
        list_images(tmp_path, "train")
    assert str(error.value).startswith(f"data.data_dir: {tmp_path / 'train'}: ")
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_imagenet_that_is_still_packed(tmp_path: Path) -> None:
    tars(tmp_path)
    with pytest.raises(UserError, match=r"no such folder, but ILSVRC2012_img_train.tar and 1 more"):
        list_imagenet(tmp_path)


def test_a_flat_val_beside_class_folders(tmp_path: Path) -> None:
    pictures.fill(tmp_path / "train", 1)
    (tmp_path / "val").mkdir()
    (tmp_path / "val" / "ILSVRC2012_val_1.JPEG").write_bytes(b"")
    train = list_images(tmp_path, "train")
    with pytest.raises(UserError, match="val: found 1 images and no folder of a class"):
        list_images(tmp_path, "val", train.classes)
