"""Lines of a pretraining that tries a learning rate."""

from typing import Any

from loft.tickets.results.schema.pretraining import Epoch, Result
from loft.tickets.results.schema.tried import Tried

ABOUT: dict[str, Any] = {"model": {"name": "preresnet18", "width": 4}, "dataset": "digits"}
ABOUT |= {"cell": "dense", "seed": 0, "epochs": 1, "size": 8, "workers": 1, "batch_size": 32}
ABOUT |= {"iterations_per_epoch": 5, "trained_by": None, "learning_rate": 0.1, "held_out": 9}
EPOCH = {"epoch": 1, "loss": 1.0, "train_accuracy": 50.0, "test_accuracy": 60.0, "bytes_sent": 0}
RESULT = {"bytes_sent": 0, "bytes_model": 0.0, "bytes_paper": 0.0}


def faults(loss: float | None, images: int | None) -> list[str]:
    lines: dict[str, list[Any]] = {"worker": [None], "measured": []}
    lines["epoch"] = [Epoch.model_validate({**EPOCH, "test_loss": loss})]
    lines["result"] = [Result.model_validate({**RESULT, "images_seen": images})]
    return [*Tried.model_validate(ABOUT).faults(lines)]


def test_the_held_out_loss_and_the_images_must_be_there() -> None:
    assert faults(1.5, 160) == []
    assert faults(None, 160) == ["found no loss on the held-out images of the last epoch"]
    assert faults(1.5, None) == ["found no number of images seen"]


def test_the_rate_identifies_it() -> None:
    one, other = (Tried.model_validate({**ABOUT, "learning_rate": rate}) for rate in (0.1, 0.2))
    assert one.identity() != other.identity()
