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
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import Tensor

from loft.core.errors import JobError, UserError
from loft.core.files.atomic import copy_files, write_bytes, writing
from loft.core.files.checkpoint import read_tensors, write_tensors
from loft.core.files.step_code import SOURCE
from loft.core.processes.file_locks import NoLocksError, lock, warn
from loft.core.processes.progress import say
from loft.core.processes.workers import Workers

SECONDS = 600.0  # between two savings within an epoch
LOCK = "lock"
ANEW = "found other things; remove the folder to start anew"

Facts = dict[str, Any]  # what JSON can hold
State = tuple[Facts, dict[str, Tensor]]  # one worker's


def fingerprint(settings: str, files: Sequence[Path], code: Sequence[str]) -> str:
    """Return what tells a job from every other: its settings, its inputs and its code.

    Args:
        settings: as the step was told them.
        files: its inputs.
        code: files below `src`, as `loft.core.files.step_code.modules` lists them.
    """
    digest = hashlib.sha256(settings.encode())
    for path in [*files, *(SOURCE / name for name in code)]:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


@contextmanager
def one_at_a_time(folder: Path | None) -> Iterator[None]:
    """Let one process at a time work on a job. Raises UserError where another one does.

    On a file system without locks that goes unnoticed, and one line says so.
    """
    if folder is None:
        yield
        return
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("w")
    with file:
        try:
            free = lock(file)
        except NoLocksError as error:
            free = True
            warn(error, "nobody notices a job that runs twice")
        if not free:
            raise UserError(f"{folder}: another process is at work on this job")
        yield


class StateKeeper:
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
            workers.note_signals()

    def restore(self) -> State | None:
        """Return this worker's part of the job's state, or None where there is none to go on from.

        Then what an earlier job, of other settings, kept or was about to put out is removed.

        Raises:
            UserError: the state, or a part that it names, is missing or damaged.
        """
        if self._folder is None:
            return None
        number = self._kept(self._folder / "state.json")
        if number is None:
            if self._workers.rank == 0:
                _clear(self._folder)
            self._workers.exchange({})  # none writes before all is clear
            return None
        self._number = number
        tensors, text = read_tensors(part := self._part(number))
        try:
            facts = json.loads(text)
        except ValueError:
            facts = None
        if not isinstance(facts, dict):
            raise UserError(f"{part}: expected a job's facts beside its tensors; {ANEW}")
        return facts, tensors

    def _kept(self, path: Path) -> int | None:
        """Return the number of the job's state, or None where there is none of this job's."""
        try:
            named = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError):
            named = None
        job, number = (named.get(k) if isinstance(named, dict) else None for k in ("job", "number"))
        if not isinstance(job, str) or type(number) is not int:
            raise UserError(f"{path}: expected a job and the number of its state; {ANEW}")
        if job != self._job:
            if self._workers.rank == 0:
                say(f"{path.parent}: the state of another job; starting anew")
            return None
        return number

    def save_if_due(self, state: Callable[[], State], end_of_epoch: bool = False) -> None:
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


def _clear(folder: Path) -> None:
    """Remove all but the lock from a job's folder."""
    with writing(folder):
        for path in [*folder.iterdir()] if folder.exists() else []:
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()


def remove_state(folder: Path | None) -> None:
    """Remove the state of a job that is done."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
