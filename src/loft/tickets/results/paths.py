"""Where a pretraining's files are, relative to its folder. The rule files spell the same paths."""

from pathlib import Path


def snapshot(folder: Path, epoch: int) -> Path:
    """The weights after `epoch` epochs of pretraining."""
    return folder / f"epoch{epoch}" / "model.safetensors"


def pairs(folder: Path) -> Path:
    """The distances between all pairs of epochs, kept for the dense column's pretraining."""
    return folder / "pairs.safetensors"


def ticket(folder: Path, epoch: int, ratio: float) -> Path:
    """A snapshot pruned at `ratio`."""
    return folder / f"epoch{epoch}" / f"prune-{ratio:g}" / "ticket.safetensors"
