"""Print lines to standard error, among them the progress of a job: epoch, accuracy, time left."""

import os
import sys
import time
from collections.abc import Mapping
from typing import Any


def say(line: str) -> None:
    """Print a line to standard error; go on without it where nobody reads standard error.

    A signal to all processes of a job ends the `tee` that writes its log, before the job has saved
    its state.
    """
    try:
        print(line, file=sys.stderr, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


class Progress:
    """Prints one line for each epoch to standard error, with the time left at its own pace."""

    def __init__(self, job: str, epochs: int) -> None:
        self._job, self._epochs, self._shown = job, epochs, 0
        self._started = time.perf_counter()

    def show(self, epoch: int, what: str) -> None:
        """Report that one more epoch is done, and `epoch` in all."""
        self._shown += 1
        each = (time.perf_counter() - self._started) / self._shown
        left = each * (self._epochs - epoch)
        minutes, seconds = divmod(round(left), 60)
        say(f"{self._job}  epoch {epoch}/{self._epochs}  {what}  {minutes}:{seconds:02d} left")


def describe(line: Mapping[str, Any]) -> str:
    """Return the loss and the accuracies of an epoch's line of metrics as text."""
    tested = line["test_accuracy"]
    text = f"loss {line['loss']:.3f}  train {line['train_accuracy']:.1f} %"
    return text if tested is None else f"{text}  test {tested:.1f} %"
