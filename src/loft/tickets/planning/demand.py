"""Compute the places on GPUs that each training needs in Snakemake's graph, and its memory there.

Every GPU has `compute.jobs_per_gpu` places. A job whose workers each have a GPU takes all places of
its GPUs. Any other job takes places on one GPU: one place if the run's largest job fits as often as
there are places, more otherwise. So jobs always find a GPU with room, whatever their order, and the
jobs on a GPU exceed neither the setting nor its memory as `loft plan` predicts it.

Memory follows from shapes, for which torch is imported: it is computed when a job first asks.
"""

from collections.abc import Sequence
from functools import cached_property

from loft.core.data.dimensions import Dimensions, dimensions
from loft.core.system.gpus import Card
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.run import Run

MB = 10**6  # bytes
LIBRARIES = 10**9  # bytes on a GPU for CUDA and its libraries in each process, roughly


class Demand:
    """Places and memory that the jobs of a run need on a machine; 0 without a GPU."""

    def __init__(self, run: Run, cards: Sequence[Card]) -> None:
        self._run, self._cards = run, cards
        self._places = run.compute.jobs_per_gpu

    @property
    def total(self) -> int:
        """Places on all GPUs."""
        return len(self._cards) * self._places

    def gpu(self, workers: int) -> int:
        """Return the places that a job with this number of workers takes."""
        if not self._cards:
            return 0
        if 1 < workers <= len(self._cards):
            return workers * self._places
        return -(-self._places // self._fitting)

    def pretraining(self, model: str, cell: str, seed: int) -> int:
        """Return the MB that a pretraining needs on one GPU, at most."""
        if not self._cards:
            return 0
        return self._pretraining(self._run.pretrain_job(model, cell, seed)) // MB

    def finetuning(self, model: str, cell: str, seed: int) -> int:
        """Return the MB that a fine-tuning needs."""
        return self._finetuning(model, cell, seed) // MB if self._cards else 0

    @cached_property
    def _fitting(self) -> int:
        """Jobs that fit on a GPU: as many as the setting says, or fewer of the largest job."""
        known = [card.memory for card in self._cards if card.memory is not None]
        if not known:
            return self._places
        return max(1, min(self._places, min(known) // self._neediest()))

    def _neediest(self) -> int:
        run, seed = self._run, self._run.seeds[0]
        trained = [*run.trained, *run.measured, UNPRUNED]
        tuned = [*run.trained, *run.controls]
        return max(
            *(
                self._pretraining(run.pretrain_job(model.name, cell, seed))
                for model in run.models
                for cell in trained
            ),
            *(self._finetuning(model.name, cell, seed) for model in run.models for cell in tuned),
        )

    @cached_property
    def _data(self) -> Dimensions:
        return dimensions(self._run.data)

    @property
    def _precision(self) -> str:
        """The run's precision; float32, which needs more memory, if the device chooses."""
        given = self._run.compute.precision
        return "float32" if given == "auto" else given

    def _pretraining(self, job: PretrainJob) -> int:
        from loft.tickets.planning.footprint import pretraining_memories

        each = [own.device for own in pretraining_memories(job, self._data, self._precision)]
        return LIBRARIES + (max(each) if job.workers <= len(self._cards) else sum(each))

    def _finetuning(self, model: str, cell: str, seed: int) -> int:
        from loft.tickets.planning.footprint import finetuning_memory

        job, network = self._run.finetune_job(cell, seed), self._run.model(model)
        return LIBRARIES + finetuning_memory(job, network, self._data, self._precision).device
