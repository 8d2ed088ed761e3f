"""List and check class folders before any image is opened; give advice on other layouts.

    data_dir/train/cat/1.jpg    data_dir/train/dog/2.png    data_dir/val/cat/3.jpg ...

Classes are the subfolders of the training folder, sorted by name. Images are those that
torchvision's ImageFolder finds, without files and folders whose names begin with a dot.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from loft.core.data.originals.folder_tree import ENDINGS, Tree, walk
from loft.core.errors import UserError
from loft.core.processes.progress import say

PACKED = (".tar", ".tar.gz", ".tgz", ".zip", ".7z")  # endings of archives
CLASS_FOLDERS = "expected a folder of images for each class"
SHOWN = 5  # names of left out files that are printed for each reason
IMAGENET_CLASSES = 1000  # of ILSVRC2012, as are the next two numbers
IMAGENET_TRAIN = 1_281_167
IMAGENET_VAL = 50_000


@dataclass(frozen=True)
class Listing:
    """Images in class folders.

    Attributes:
        tree: content of the folder.
        classes: names of the classes, sorted.
        files: file names relative to the data set's folder.
        labels: number of each file's class, int64 (n,).
    """

    tree: Tree
    classes: list[str]
    files: list[str]
    labels: np.ndarray


def list_images(root: Path, part: str, classes: list[str] | None = None) -> Listing:
    """List the images below `root/part`; check that the classes are `classes`, if given.

    Raises:
        UserError: the folder is missing; a class is missing, unknown or without images; or there
            is only one class.
    """
    folder = root / part
    part = str(folder.relative_to(root))
    try:
        tree = walk(folder)
    except UserError as error:
        raise UserError(f"data.data_dir: {error}{packed(root)}; {CLASS_FOLDERS}") from None
    _refuse_other_forms(tree)
    classes = tree.classes if classes is None else classes
    for name in sorted({*tree.classes} ^ {*classes}):
        problem = "not a class in training" if name in tree.classes else "no such folder"
        raise UserError(
            f"data.data_dir: {folder / name}: {problem}; expected the same classes as in training"
        )
    files, labels, numbers = [], [], {name: number for number, name in enumerate(classes)}
    for directory in tree.directories:
        files += [f"{part}/{directory.name}/{entry.name}" for entry in directory.entries]
        labels += [numbers[directory.name.partition("/")[0]]] * len(directory.entries)
    filled = {directory.name.partition("/")[0] for directory in tree.directories}
    for name in sorted({*classes} - filled):
        raise UserError(
            f"data.data_dir: {folder / name}: no images there; expected files named "
            f"*{', *'.join(ENDINGS)}"
        )
    if len(classes) == 1:
        raise UserError(
            f"data.data_dir: {folder}: found one class alone, {classes[0]}; expected two or more"
        )
    return Listing(tree, classes, files, np.array(labels, dtype=np.int64))


def list_imagenet(root: Path) -> tuple[Listing, Listing]:
    """List the training and validation images of ImageNet. Raises UserError unless complete."""
    expected = (
        "expected ImageNet (ILSVRC2012), which only its site image-net.org gives out, to users "
        f"with an account: {root}/train/<wnid>/*.JPEG, {IMAGENET_TRAIN:,} images in "
        f"{IMAGENET_CLASSES:,} folders, and {root}/val/<wnid>/*.JPEG, {IMAGENET_VAL:,} images "
        "sorted into the same folders"
    )
    for part in ("train", "val"):
        if not (root / part).is_dir():
            found = f"no such folder{packed(root)}"
            raise UserError(f"data.data_dir: {root / part}: {found}; {expected}")
    train = list_images(root, "train")
    test = list_images(root, "val", train.classes)
    counts = (len(train.classes), len(train.files), len(test.files))
    if counts != (IMAGENET_CLASSES, IMAGENET_TRAIN, IMAGENET_VAL):
        raise UserError(
            f"data.data_dir: {root}: found {counts[0]:,} classes, {counts[1]:,} training and "
            f"{counts[2]:,} validation images; {expected}"
        )
    return train, test


def _refuse_other_forms(tree: Tree) -> None:
    """Raise UserError with advice where images are in the layout of their download."""
    outside = [left.name for left in tree.ignored if left.name.lower().endswith(ENDINGS)]
    notes = [left.name for left in tree.ignored if left.name.endswith("_annotations.txt")]
    where = f"data.data_dir: {tree.folder}"
    if notes and "images" in tree.classes:
        raise UserError(
            f"{where}: found all images in {tree.folder / 'images'}, as Tiny-ImageNet is handed "
            f"out; {CLASS_FOLDERS}: {tree.folder / notes[0]} says which class's folder to move "
            "each image to"
        )
    if not tree.classes and outside:
        raise UserError(
            f"{where}: found {len(outside):,} images and no folder of a class; {CLASS_FOLDERS}: "
            "move each image to its class's folder (ImageNet's val as it is handed out is flat; "
            "ILSVRC2012_validation_ground_truth.txt in its devkit has the classes)"
        )
    if not tree.classes:
        raise UserError(
            f"{where}: no folders of images there{packed(tree.folder)}; {CLASS_FOLDERS}"
        )


def packed(folder: Path) -> str:
    """Return a remark about packed archives in a folder of images, "" where there are none."""
    try:
        names = sorted(path.name for path in folder.iterdir() if path.name.endswith(PACKED))
    except OSError:
        return ""
    if not names:
        return ""
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    return (
        f", but {names[0]}{more}, which must be unpacked first (an archive of one class, such as "
        "ImageNet's n01440764.tar, into a folder of its name)"
    )


def report_left_out(tree: Tree) -> None:
    """Print which files of a folder are left out, and why."""
    by_reason: dict[str, list[str]] = {}
    for left in tree.ignored:
        by_reason.setdefault(left.why, []).append(left.name)
    for why, names in by_reason.items():
        shown = f"{', '.join(sorted(names)[:SHOWN])}{', ...' if len(names) > SHOWN else ''}"
        say(f"{tree.folder}: left out {len(names):,}, as {why}: {shown}")
