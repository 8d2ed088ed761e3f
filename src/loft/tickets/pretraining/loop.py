"""Pretraining: every worker's loop, snapshots of the global model, and what it cost.

The loop is the same for all methods; one is asked for its steps and synchronisations.
"""

import itertools
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from loft.core.data.dataset import DataSet
from loft.core.errors import JobError
from loft.core.files.checkpoint import write_network, write_tensors
from loft.core.processes.progress import Progress, describe, say
from loft.core.processes.turn_taking import Seat, placed
from loft.core.processes.workers import Workers, peak_memory
from loft.core.reporting.metrics import Journal
from loft.core.training.learner import Tally, accuracy, cosine, prepare, resolve_precision, wait
from loft.core.training.resume import Keeper, State
from loft.tickets.methods.interface import Method, create
from loft.tickets.network.norms import EVERYTHING, measured
from loft.tickets.pretraining.job import CALIBRATION_BATCH, PretrainJob
from loft.tickets.pretraining.ledger_entry import ledger_entry, predicted_bytes
from loft.tickets.pretraining.setup import setup
from loft.tickets.results import paths

MEETING = 25  # steps; at most so many pass before workers ask each other whether to stop
NORMS = "norms/"  # prefix of the record of norms among the tensors of the job's state


class Pretraining:
    """One worker's side of a pretraining; rank 0 also evaluates, measures and writes."""

    def __init__(
        self, job: PretrainJob, data: DataSet, workers: Workers, keeper: Keeper, loaders: int
    ) -> None:
        prepare(job.compute, workers.device)
        self._baseline = peak_memory(workers.device)
        self._job, self._data, self._workers, self._keeper = job, data, workers, keeper
        self._batches = data.batches(job.augment, job.sgd.batch_size, workers.device, loaders)
        self._setup = setup(job, data, workers, self._calibration)
        self._method: Method = create(job.method, self._setup)
        self._about: dict[str, Any] = {
            "model": job.model.facts(),
            "dataset": data.dataset,
            "channels": data.channels,
            "size": data.size,
            "classes": data.classes,
            "cell": job.cell,
            "seed": job.seed,
        }
        length = self._batches.length
        self._entry = ledger_entry(job, data.channels, data.size, data.classes, length)
        self._journal = Journal(
            {
                "step": "pretrain",
                **self._about,
                "method": job.method,
                "workers": job.workers,
                **({"turns": True} if isinstance(workers, Seat) else {}),
                "precision": resolve_precision(job.compute.precision, workers.device),
                "epochs": job.epochs,
                "batch_size": job.sgd.batch_size,
                "iterations_per_epoch": length,
                "rounds": self._entry.rounds,
                "trained_by": job.trained_by,
            },
            device=workers.device,
        )
        self._norms: dict[str, list[torch.Tensor]] = {}
        self._training = self._synchronising = 0.0  # seconds

    def _calibration(self) -> Iterator[Tensor]:
        return self._batches.calibration(self._job.calibration_images, CALIBRATION_BATCH)

    def run(self, out: Path, metrics: Path) -> None:
        """Pretrain to the end; rank 0 writes snapshots and filter norms into `out`, and `metrics`.

        A job whose training is another cell's only takes some steps and writes `metrics`.
        """
        name = (
            f"pretrain {self._about['model']['name']} {self._about['cell']} seed {self._job.seed}"
        )
        if self._job.measured_steps is not None:
            self._say(name)
            self._finish(metrics, self._measure(self._job.measured_steps))
            return
        self._out = self._keeper.outputs(out)
        epoch, iteration = self._begin()
        self._say(name)
        progress = Progress(name, self._job.epochs, epoch - 1)
        while epoch <= self._job.epochs:
            self._train(epoch, iteration)
            line = self._summary(epoch)
            if self._workers.rank == 0:
                line["test_accuracy"] = self._look(epoch)
                self._journal.add("epoch", **line)
                progress.show(epoch, describe(line))
            epoch, iteration = epoch + 1, 0
            self._method.seen.load(Tally())
            self._meet(epoch, iteration, end_of_epoch=True)
        if self._workers.rank == 0:
            self._write_norms()
            self._keeper.finish(out)
        self._finish(metrics, self._workers.sent)

    def _say(self, name: str) -> None:
        if self._workers.rank == 0:
            say(f"{name}  {placed(self._workers)}")

    def _begin(self) -> tuple[int, int]:
        """Return the epoch and its iteration: where to go on."""
        kept = self._keeper.restore()
        if kept is None:
            if self._workers.rank == 0:
                untrained = self._setup.build()
                self._record_norms(untrained)
                if 0 in self._job.snapshots:
                    self._snapshot(0, untrained, None)
            return 1, 0
        facts, tensors = kept
        self._workers.sent = facts["sent"]
        self._training, self._synchronising = facts["training"], facts["synchronising"]
        self._journal.load_state(facts["journal"])
        self._norms = {
            name.removeprefix(NORMS): list(rows)
            for name, rows in tensors.items()
            if name.startswith(NORMS)
        }
        self._method.load_state(tensors)
        self._method.seen.load(Tally(**facts["tally"]))
        return facts["epoch"], facts["iteration"]

    def _meet(self, epoch: int, iteration: int, end_of_epoch: bool = False) -> None:
        """Where all workers are between two steps: keep the job's state if it is time."""

        def state() -> State:
            facts = {
                "epoch": epoch,
                "iteration": iteration,
                "tally": vars(self._method.seen.read()),
                "sent": self._workers.sent,
                "training": self._training,
                "synchronising": self._synchronising,
                "journal": self._journal.state(),
            }
            norms = {NORMS + name: torch.stack(rows) for name, rows in self._norms.items()}
            return facts, {**self._method.state(), **norms}

        self._keeper.meet(state, end_of_epoch)

    def _measure(self, steps: int) -> int:
        """Take real steps; return what this worker would send in the whole training, in bytes."""
        job, length = self._job, self._batches.length
        batches = self._batches.epoch(job.seed, 1, self._method.order)
        taken = 0
        started = time.perf_counter()
        for images, labels in itertools.islice(batches, steps):
            self._method.step(images, labels, job.sgd.learning_rate)
            taken += 1
        wait(self._workers.device)
        self._training = time.perf_counter() - started
        seconds = self._training / taken
        self._journal.add("measured", {"seconds_per_step": round(seconds, 6)}, steps=taken)
        stepping = self._workers.sent
        self._method.synchronise(collect=True)
        collecting = self._workers.sent - stepping
        return job.epochs * (length * stepping // taken + collecting)

    def _train(self, epoch: int, done: int) -> None:
        """Train an epoch from its iteration `done` on.

        Workers synchronise as often as the method asks and at the end.
        """
        length = self._batches.length
        rounds = self._method.local_iterations or length
        batches = self._batches.epoch(self._job.seed, epoch, self._method.order, done)
        for iteration, (images, labels) in enumerate(batches, start=done + 1):
            step = (epoch - 1) * length + iteration - 1
            rate = cosine(step, self._job.epochs * length, self._job.sgd.learning_rate)
            started = time.perf_counter()
            self._method.step(images, labels, rate)
            last = iteration == length
            together = iteration % rounds == 0 or last
            if together:
                wait(self._workers.device)  # so that each part's time is its own
            self._training += time.perf_counter() - started
            if together:
                started = time.perf_counter()
                self._method.synchronise(collect=last)
                self._synchronising += time.perf_counter() - started
            if not last and iteration % min(rounds, MEETING) == 0:
                self._meet(epoch, iteration)

    def _summary(self, epoch: int) -> dict[str, Any]:
        """Bring together what all workers saw in an epoch."""
        tally = self._method.seen.read()
        reports = self._workers.exchange({**vars(tally), "sent": self._workers.sent})
        seen = sum(report["images"] for report in reports)
        loss = sum(report["loss"] for report in reports) / seen
        if not math.isfinite(loss):
            raise self._diverged(epoch, f"the loss is {loss}")
        return {
            "epoch": epoch,
            "loss": loss,
            "train_accuracy": 100 * sum(report["correct"] for report in reports) / seen,
            "bytes_sent": sum(report["sent"] for report in reports),
        }

    def _look(self, epoch: int) -> float | None:
        """Measure the global model and, where due, evaluate and keep it. Rank 0 only."""
        keep = epoch in self._job.snapshots
        evaluate = keep or epoch % self._job.evaluate_every == 0
        model = self._method.global_model(calibrated=evaluate)
        self._record_norms(model)
        tested = None
        if evaluate:
            precision, device = self._job.compute.precision, self._workers.device
            tested = accuracy(model, self._batches, precision, device)
        if keep:
            self._snapshot(epoch, model, tested)
        return tested

    def _diverged(self, epoch: int, what: str) -> JobError:
        """Return the error that ends a hopeless training; what was good before is kept."""
        text = f"pretrain: {what} in epoch {epoch}; lower the learning rate"
        good = [number for number in self._job.snapshots if number < epoch]
        if good:
            text += f"; the last good snapshot is {paths.snapshot(self._out, max(good))}"
        return JobError(text)

    def _record_norms(self, model: nn.Module) -> None:
        for name, values in measured(model.state_dict(), EVERYTHING).items():
            self._norms.setdefault(name, []).append(values)

    def _snapshot(self, epoch: int, model: nn.Module, tested: float | None) -> None:
        if not all(tensor.isfinite().all() for tensor in model.state_dict().values()):
            raise self._diverged(epoch, "weights are no numbers")
        about = {**self._about, "epoch": epoch, "test_accuracy": tested, "filters": {}}
        write_network(paths.snapshot(self._out, epoch), model.state_dict(), about)

    def _write_norms(self) -> None:
        norms = {layer: torch.stack(rows) for layer, rows in self._norms.items()}
        write_tensors(self._out / "norms.safetensors", norms)  # layer -> (epochs + 1, filters)

    def _finish(self, metrics: Path, sent: int) -> None:
        """Write metrics: one line for each worker, which sent so many bytes, one for the whole."""
        facts = {
            "rank": self._workers.rank,
            "parameters": self._method.parameters,
            "bytes_sent": sent,
        }
        varying = {
            "pid": os.getpid(),
            "peak_memory_bytes": peak_memory(self._workers.device),
            "baseline_memory_bytes": self._baseline,
            "training_seconds": round(self._training, 3),
            "synchronising_seconds": round(self._synchronising, 3),
        }
        reports = self._workers.exchange({"facts": facts, "varying": varying})
        if self._workers.rank == 0:
            for report in reports:
                self._journal.add("worker", report["varying"], **report["facts"])
            everything = sum(report["facts"]["bytes_sent"] for report in reports)
            predicted = predicted_bytes(self._entry)
            self._journal.add("result", bytes_sent=everything, **predicted)
            self._journal.write(metrics)
        self._workers.close()
