"""Compute the host memory and the time that each training requests from a scheduler.

    memory = P (L + n l) + SAFETY b        time = START + SAFETY o / v

Legend: P processes, L bytes of a process's libraries, n processes that load images for each, l
their libraries, b bytes of tensors, o operations, v operations a second (`compute.tflops`).

Nothing is timed and nothing is started. Shapes take torch, which takes seconds to import: that is
left until a job asks, so that a graph in which nothing is to be done is built without it.
"""

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from loft.core.data.dimensions import Dimensions, dimensions
from loft.core.errors import UserError
from loft.core.system.gpus import Card
from loft.tickets.finetuning.job import FinetuneJob
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.run.run import Run

if TYPE_CHECKING:
    from loft.tickets.planning.speed import Speed

MB = 10**6  # bytes
MINUTE = 60  # s
SAFETY = 2  # for what an estimate leaves out: workspaces, copies, a crowded or a slower machine
LIBRARIES = 900 * MB  # of a process with torch; 600 to 800 were measured
LOADER = 300 * MB  # of a process that reads image files
CUDA = 3000 * MB  # of a process that uses a GPU, in the host's memory
GRADIENTS = 1000 * MB  # for each worker, of gradients of single samples and their sums
START = 15 * MINUTE  # of a job, to start, read, check and write


class Requests:
    """What the trainings of a run ask for: memory in MB, time in minutes.

    Where the data's files are not there yet, only what depends on no data is asked for: a graph can
    be planned before there are data, and no job starts without them.
    """

    def __init__(self, run: Run, cards: Sequence[Card]) -> None:
        self._run, self._gpus = run, len(cards)
        self._found: dict[tuple[str, str, str], int] = {}  # by network, cell and what is asked for

    def pretraining_memory(self, model: str, cell: str) -> int:
        """Return the MB of all processes of a pretraining."""
        job = self._pretraining(model, cell)
        return self._once(
            (model, cell, "pretraining memory"),
            lambda: self._memory(job.workers, lambda data: self._pretraining_bytes(job, data)),
        )

    def pretraining_minutes(self, model: str, cell: str) -> int:
        """Return the minutes of a pretraining."""
        job = self._pretraining(model, cell)
        return self._once(
            (model, cell, "pretraining minutes"),
            lambda: self._minutes(lambda data: self._pretraining_seconds(job, data)),
        )

    def updates_memory(self, model: str, cell: str) -> int:
        """Return the MB of all processes that measure changes in a round."""
        workers = self._pretraining(model, cell).workers
        return self.pretraining_memory(model, cell) + workers * GRADIENTS // MB

    def updates_minutes(self, model: str, cell: str) -> int:
        """Return the minutes of measuring changes in a round, from each snapshot.

        A round is taken, and every sample has a gradient of its own.
        """
        job = self._run.worker_changes_job(model, cell, self._run.seeds[0])
        own = job.pretraining
        steps = len(own.snapshots) * (job.iterations[-1] + job.samples / own.sgd.batch_size)
        return self._once(
            (model, cell, "updates minutes"),
            lambda: self._minutes(lambda data: steps * self._step_seconds(own, data)),
        )

    def finetuning_memory(self, model: str, cell: str) -> int:
        """Return the MB of a fine-tuning."""
        job = self._finetuning(cell)
        return self._once(
            (model, cell, "finetuning memory"),
            lambda: self._memory(1, lambda data: self._finetuning_bytes(job, model, data)),
        )

    def finetuning_minutes(self, model: str, cell: str) -> int:
        """Return the minutes of a fine-tuning, of all its tickets together."""
        job = self._finetuning(cell)
        return self._once(
            (model, cell, "finetuning minutes"),
            lambda: self._minutes(lambda data: self._finetuning_seconds(job, model, data)),
        )

    def _pretraining(self, model: str, cell: str) -> PretrainJob:
        return self._run.pretrain_job(model, cell, self._run.seeds[0])  # all seeds need the same

    def _finetuning(self, cell: str) -> FinetuneJob:
        return self._run.finetune_job(cell, self._run.seeds[0])

    def _once(self, asked: tuple[str, str, str], find: Callable[[], int]) -> int:
        """Return what is asked for, found at the first time: every seed asks for the same."""
        if asked not in self._found:
            self._found[asked] = find()
        return self._found[asked]

    @cached_property
    def _data(self) -> Dimensions | None:
        try:
            return dimensions(self._run.data)
        except UserError:  # the step that reads the files says what is missing
            return None

    def _memory(self, workers: int, tensors: Callable[[Dimensions], int]) -> int:
        """Return MB: of the libraries of workers and of what starts them, loaders and tensors."""
        libraries = (workers + 1) * LIBRARIES + workers * self._run.data.loaders * LOADER
        libraries += workers * CUDA if self._gpus else 0
        held = tensors(self._data) if self._data else 0
        return math.ceil((libraries + SAFETY * held) / MB)

    def _minutes(self, training: Callable[[Dimensions], float]) -> int:
        seconds = training(self._data) if self._data else 0
        return math.ceil((START + SAFETY * seconds) / MINUTE)

    def _pretraining_bytes(self, job: PretrainJob, data: Dimensions) -> int:
        """Return the bytes of all workers' tensors, and of the whole network that rank 0 holds."""
        from loft.tickets.planning.footprint import pretraining_memories

        each = pretraining_memories(job, data, "float32")
        return each[0].host + sum(own.exact if self._gpus else own.device for own in each)

    def _finetuning_bytes(self, job: FinetuneJob, model: str, data: Dimensions) -> int:
        from loft.tickets.planning.footprint import finetuning_memory

        own = finetuning_memory(job, self._run.model(model), data, "float32")
        return own.exact if self._gpus else own.device

    def _pretraining_seconds(self, job: PretrainJob, data: Dimensions) -> float:
        from loft.tickets.planning import durations

        return self._turns(job) * durations.pretraining(job, data, self._speed)

    def _step_seconds(self, job: PretrainJob, data: Dimensions) -> float:
        from loft.tickets.planning import durations

        return self._turns(job) * durations.pretraining_step(job, data, self._speed)

    def _finetuning_seconds(self, job: FinetuneJob, model: str, data: Dimensions) -> float:
        from loft.tickets.planning import durations

        return durations.finetuning(job, self._run.model(model), data, self._speed)

    @cached_property
    def _speed(self) -> "Speed":
        from loft.tickets.planning.speed import stated

        return stated(self._run, self._run.compute.tflops)

    def _turns(self, job: PretrainJob) -> int:
        """Return how many workers compute one after the other, on one GPU."""
        turning = job.options.takes_turns and 0 < self._gpus < job.workers
        return job.workers if turning else 1
