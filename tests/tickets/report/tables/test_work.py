"""The images that each row of Table 1 sees, by hand."""

from typing import Any

import pandas as pd

from loft.tickets.report.job_lines import Job
from loft.tickets.report.tables.work import make

STEPS = {"epochs": 2, "iterations_per_epoch": 5, "batch_size": 30}  # 300 images


def pretrained(cell: str, method: str, workers: int, trained_by: str | None = None) -> Job:
    about = {"step": "pretrain", "cell": cell, "method": method, "workers": workers}
    return [{**about, "model": {"name": "net"}, **STEPS, "trained_by": trained_by}]


def tuned(cell: str, epochs: int) -> Job:
    return [{"step": "finetune", "cell": cell, "model": {"name": "net"}, "epochs": epochs}]


def row(method: str, workers: int, sent: float = 0.0) -> dict[str, Any]:
    about = {"model": "net", "dataset": "digits", "method": method, "workers": workers, "seeds": 1}
    costs = {"comm_gigabytes": sent, "comm_gigabytes_paper": 2 * sent}
    return {**about, **costs, "pretrain_accuracy": 50.0, "accuracy_80": 60.0, "accuracy_80_std": 1}


def test_images_and_epochs_by_hand() -> None:
    """A pipeline's workers share their batches; the other workers each have their own."""
    jobs = [
        pretrained("dense", "dense", 1),
        pretrained("gpipe-2", "gpipe", 2),
        pretrained("gpipe-4", "gpipe", 4, "gpipe-2"),
        pretrained("loft-4", "loft", 4),
        *(tuned(cell, 3) for cell in ("dense", "gpipe-2", "loft-4", "random")),
        *(tuned(cell, 5) for cell in ("scratch", "synflow")),
        [{"step": "distance"}],
    ]
    rows = [("dense", 1), ("gpipe", 2), ("gpipe", 4), ("loft", 4)]
    rows += [(control, 1) for control in ("random", "scratch", "synflow")]
    found = make(jobs, pd.DataFrame([row(*each, sent=0.5) for each in rows]))
    assert found["method"].tolist() == [method for method, _ in rows]
    assert found["pretraining_images"].tolist() == [300, 300, 300, 1200, 300, 0, 0]
    assert found["finetuning_epochs"].tolist() == [3, 3, 3, 3, 3, 5, 5]
    assert found["comm_gigabytes"].tolist() == [0.5] * 7
    costs = ["pretraining_images", "finetuning_epochs", "comm_gigabytes"]
    accuracies = ["pretrain_accuracy", "accuracy_80", "accuracy_80_std"]
    about = ["model", "dataset", "method", "workers", "seeds"]
    assert [*found.columns] == [*about, *costs, *accuracies]
