"""The state of an unfinished job, from which it goes on as if it had never stopped.

It lives in a folder beside the declared outputs, which Snakemake deletes when a job fails. Every
worker writes its own part; only when all parts are there does rank 0 name them in `state.json`, so
that a kill at any moment leaves either the last whole state or the one before it. The state belongs
to exactly one job, code and data included; anything else starts anew.
"""

import hashlib
import json
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import Tensor

from loft.core.checkpoint import read_tensors, write_tensors
from loft.core.errors import JobError, UserError
from loft.core.files import copy_files, write_bytes, writing
from loft.core.locks import NoLocksError, lock, warn
from loft.core.workers import Workers
from loft.modules import SOURCE

SECONDS = 600.0  # between two savings within an epoch

Facts = dict[str, Any]  # what JSON can hold
State = tuple[Facts, dict[str, Tensor]]  # one worker's


def fingerprint(settings: str, files: Sequence[Path], code: Sequence[str]) -> str:
    """Return what tells a job from every other: its settings, its inputs and its code.

    Args:
        settings: as the step was told them.
        files: its inputs.
        code: files below `src`, as `loft.modules.modules` lists them.
    """
    digest = hashlib.sha256(settings.encode())
    for path in [*files, *(SOURCE / name for name in code)]:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


@contextmanager
def alone(folder: Path | None) -> Iterator[None]:
    """Let one process at a time work on a job. Raises UserError where another one does.

    On a file system without locks that goes unnoticed, and one line says so.
    """
    if folder is None:
        yield
        return
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    with file:
        try:
            free = lock(file)
        except NoLocksError as error:
            free = True
            warn(error, "nobody notices a job that runs twice")
        if not free:
            raise UserError(f"{folder}: another process is at work on this job")
        yield


class Keeper:
    """One worker's hand in keeping its job's state.

    From its making on, SIGTERM and SIGINT mean: save at the next step where the workers meet, and
    leave.

    Args:
        folder: for the state; with None nothing is kept, and signals mean what they always do.
        job: its fingerprint.
        workers: the job's.
    """

    def __init__(self, folder: Path | None, job: str, workers: Workers) -> None:
        self._folder, self._job, self._workers = folder, job, workers
        self._number = 0
        self._saved = time.monotonic()
        if folder is not None:
            workers.heed_signals()

    def restore(self) -> State | None:
        """Return this worker's part of the job's state, or None where there is none to go on from.

        Raises:
            UserError: a part that the state names is missing or damaged.
        """
        if self._folder is None:
            return None
        try:
            named = json.loads((self._folder / "state.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:  # from another time or hand: ours is written whole
            named = {}
        if named.get("job") != self._job:
            if self._workers.rank == 0:
                print(f"{self._folder}: the state of another job; starting anew", file=sys.stderr)
            return None
        self._number = named["number"]
        tensors, facts = read_tensors(self._part(self._number))
        return json.loads(facts), tensors

    def meet(self, state: Callable[[], State], end_of_epoch: bool = False) -> None:
        """Save where it is time, and leave where a signal asked for it.

        All workers call it at the same steps.

        Raises:
            JobError: a signal asked to leave; the state is saved.
        """
        if self._folder is None:
            return
        late = time.monotonic() - self._saved > SECONDS
        reports = self._workers.exchange({"asked": self._workers.asked, "late": late})
        asked = next((report["asked"] for report in reports if report["asked"] is not None), None)
        if asked is None and not end_of_epoch and not reports[0]["late"]:
            return
        self._save(*state())
        if asked is not None:
            name = signal.Signals(asked).name
            raise JobError(f"stopped by {name}; what was done is kept, start again to go on")

    def _save(self, facts: Facts, tensors: dict[str, Tensor]) -> None:
        assert self._folder is not None
        before, self._number = self._number, self._number + 1
        write_tensors(self._part(self._number), tensors, json.dumps(facts))
        self._workers.exchange({})  # every part is there
        if self._workers.rank == 0:
            named = {"job": self._job, "number": self._number}
            write_bytes(self._folder / "state.json", json.dumps(named).encode())
        self._workers.exchange({})  # the parts before are named no more
        self._part(before).unlink(missing_ok=True)
        self._saved = time.monotonic()

    def _part(self, number: int) -> Path:
        assert self._folder is not None
        return self._folder / f"state-{number}-worker{self._workers.rank}.safetensors"

    def outputs(self, declared: Path) -> Path:
        """Return where to write what is to be `declared` in the end."""
        return declared if self._folder is None else self._folder / "outputs"

    def finish(self, declared: Path) -> None:
        """Put what was written where it is declared. Rank 0 only, when all is done."""
        if self._folder is not None:
            copy_files(self._folder / "outputs", declared)


def forget(folder: Path | None) -> None:
    """Remove the state of a job that is done."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
