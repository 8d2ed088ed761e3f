"""Save the state of an unfinished job and restore it, so that results are as without a stop.

The state is in a folder outside the declared outputs, because Snakemake deletes these when a job
fails. Each worker writes its part. When all parts are written, rank 0 names them in `state.json`;
so a kill at any moment leaves either the last complete state or the one before. A state belongs to
one job, including its code and data; any other job starts from the beginning.
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
from loft.core.processes.signals import ignore_signals
from loft.core.processes.workers import Workers

SECONDS = 600.0  # between two saved states within an epoch
LOCK = "lock"
ANEW = "found other things; remove the folder to start anew"

Facts = dict[str, Any]  # JSON values
State = tuple[Facts, dict[str, Tensor]]  # of one worker


def fingerprint(settings: str, files: Sequence[Path], code: Sequence[str]) -> str:
    """Return a hash that identifies a job: its settings, inputs and code.

    Args:
        settings: JSON that the step was given.
        files: inputs of the job.
        code: files relative to `src`, as `loft.core.files.step_code.code_files` lists them.
    """
    digest = hashlib.sha256(settings.encode())
    for path in [*files, *(SOURCE / name for name in code)]:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


@contextmanager
def one_at_a_time(folder: Path | None) -> Iterator[None]:
    """Hold the lock of a job inside. Raises UserError where another process holds it.

    On a file system without locks a line is printed and nothing is locked.
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
    """Saves and restores one worker's part of the job's state.

    Once it is made, SIGTERM and SIGINT make the job save its state at the next call of
    `save_if_due` and end.

    Args:
        folder: for the state; with None nothing is saved and signals end the job at once.
        job: fingerprint of the job.
        workers: connection to the job's workers.
    """

    def __init__(self, folder: Path | None, job: str, workers: Workers) -> None:
        self._folder, self._job, self._workers = folder, job, workers
        self._number = 0
        self._saved = time.monotonic()
        if folder is not None:
            workers.note_signals()

    def restore(self) -> State | None:
        """Return this worker's part of the job's state, or None where the job starts anew.

        Where it starts anew, the state and the outputs of a job with another fingerprint are
        removed.

        Raises:
            UserError: the state is damaged, or a part that it names is missing or damaged.
        """
        if self._folder is None:
            return None
        number = self._kept(self._folder / "state.json")
        if number is None:
            if self._workers.rank == 0:
                _clear(self._folder)
            self._workers.exchange({})  # no worker writes before the folder is empty
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
        """Return the number of the saved state, or None where this job has none."""
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
        """Save the state if it is due (end of epoch, `SECONDS` passed, or a signal came).

        All workers call it at the same steps.

        Raises:
            JobError: a signal asked the job to end; the state is saved.
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
        self._workers.exchange({})  # wait until every part is written
        if self._workers.rank == 0:
            named = {"job": self._job, "number": self._number}
            write_bytes(self._folder / "state.json", json.dumps(named).encode())
        self._workers.exchange({})  # wait until the parts before are no longer named
        self._part(before).unlink(missing_ok=True)
        self._saved = time.monotonic()

    def _part(self, number: int) -> Path:
        assert self._folder is not None
        return self._folder / f"state-{number}-worker{self._workers.rank}.safetensors"

    def outputs(self, declared: Path) -> Path:
        """Return the folder for outputs that will be moved to `declared` at the end."""
        return declared if self._folder is None else self._folder / "outputs"

    def finish(self, declared: Path) -> None:
        """Copy the outputs to where they are declared. Rank 0 calls it at the end of the job."""
        if self._folder is not None:
            copy_files(self._folder / "outputs", declared)


def _clear(folder: Path) -> None:
    """Remove everything except the lock from a job's folder."""
    with writing(folder):
        for path in [*folder.iterdir()] if folder.exists() else []:
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()


def remove_state(folder: Path | None) -> None:
    """Remove the state of a finished job, which no signal that asks to end can end any more.

    Ended while it shuts down, it would count as failed, and nothing of it would be left.
    """
    if folder is not None:
        ignore_signals()
        (folder / "state.json").unlink(missing_ok=True)  # first, because it names the parts
        shutil.rmtree(folder, ignore_errors=True)
