"""Make the path of every file of this study, for the rules and for Python.

`Paths` makes those of a run. An argument that is left out stays a wildcard, such as "{cell}", which
is what a rule needs. The functions make the paths inside the folder of one pretraining, which is
what a step is told.
"""

from pathlib import Path

from loft.core.files.run_paths import LINES

SUMMARY = "metrics.json"  # of the run, for `dvc metrics show`
Seed = int | str


def snapshot(folder: Path, epoch: int | str) -> Path:
    """Return the weights after `epoch` epochs of pretraining."""
    return folder / f"epoch{epoch}" / "model.safetensors"


def ticket(folder: Path, epoch: int | str, ratio: float) -> Path:
    """Return a snapshot pruned at `ratio`."""
    return folder / f"epoch{epoch}" / f"prune-{ratio:g}" / "ticket.safetensors"


def finetuned(folder: Path, epoch: int | str, ratio: float) -> Path:
    """Return a ticket after its fine-tuning."""
    return ticket(folder, epoch, ratio).with_name("finetuned.safetensors")


def norms(folder: Path) -> Path:
    """Return the filter norms of every epoch."""
    return folder / "norms.safetensors"


def pairs(folder: Path) -> Path:
    """Return the distances between all pairs of epochs, kept for the dense column's pretraining."""
    return folder / "pairs.safetensors"


def tuned_norms(folder: Path) -> Path:
    """Return the filter norms of every epoch of fine-tuning."""
    return norms(folder / "finetune")


def length(epochs: int | str) -> str:
    """Return the name of a fine-tuning of another length, as a step and as a folder."""
    return f"finetune/epochs{epochs}"


def tried(folder: Path, rate: float | str) -> Path:
    """Return the folder of a pretraining, or of its lines, that tries a learning rate."""
    return folder / "rates" / (rate if isinstance(rate, str) else f"{rate:g}")


def with_json(weights: Path) -> list[Path]:
    """Return a file of weights and the JSON beside it."""
    return [weights, weights.with_suffix(".json")]


class Paths:
    """The files of a run.

    Attributes:
        folder: of this study's tables and figures, and of all its other files but the summary.
        summary: of the run.
    """

    def __init__(self, results: Path) -> None:
        self.folder = results / "tickets"
        self.summary = results / SUMMARY

    def distances(self, seed: Seed = "{seed}") -> Path:
        """Return the lines about the distances between epochs, of all pretrainings of a seed."""
        return self.folder / "metrics" / "distances" / f"seed{seed}" / LINES

    def pretraining(
        self, model: str = "{model}", cell: str = "{cell}", seed: Seed = "{seed}"
    ) -> Path:
        """Return the folder of a pretraining's weights, which DVC keeps."""
        return self.folder / _job(model, cell, seed)

    def lines(
        self, model: str = "{model}", cell: str = "{cell}", seed: Seed = "{seed}", step: str = ""
    ) -> Path:
        """Return what a pretraining measured, or a later step on it: "finetune" or "updates"."""
        return self.folder / "metrics" / _job(model, cell, seed) / step / LINES

    def tried_lines(
        self,
        model: str = "{model}",
        cell: str = "{cell}",
        seed: Seed = "{seed}",
        rate: float | str = "{rate}",
    ) -> Path:
        """Return what a pretraining that tries a learning rate measured."""
        return tried(self.folder / "metrics" / _job(model, cell, seed), rate) / LINES


def work(
    folder: Path, step: str, model: str = "{model}", cell: str = "{cell}", seed: Seed = "{seed}"
) -> Path:
    """Return the folder of an unfinished job's state, below the run's `folder` of such state."""
    return folder / _job(model, cell, seed) / step


def _job(model: str, cell: str, seed: Seed) -> Path:
    return Path(model, cell, f"seed{seed}")
