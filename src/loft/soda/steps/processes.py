"""Run SODA in real processes, a master and its workers, and repeat the run in the simulation."""

import os
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from loft.core.processes.launch import launch
from loft.core.processes.workers import ProcessWorker
from loft.core.reporting.metrics import Journal
from loft.soda.archives import PreparedSamples, read_optimum, read_samples
from loft.soda.convergence import Monitor, Problem
from loft.soda.jobs import ProcessesJob
from loft.soda.logistic import Logistic
from loft.soda.master_worker import run_master, run_worker
from loft.soda.simulation import Replay, Team, checked_step, deal
from loft.soda.simulation import run as simulate
from loft.soda.steps.facts import facts


def run(job: ProcessesJob, samples: Path, optimum: Path, metrics: Path) -> None:
    """Start the processes; the master writes `metrics`.

    Raises:
        UserError: the step is too large, or there are more workers than samples.
        JobError: a process failed.
    """
    launch(work, (job, samples, optimum, metrics), job.workers + 1)


def work(job: ProcessesJob, samples: Path, optimum: Path, metrics: Path) -> None:
    """Run one of the processes."""
    torch.set_num_threads(1)
    with threadpool_limits(1):
        workers = ProcessWorker(gpu=False)
        prepared = read_samples(samples)
        losses = deal(prepared.signed, job.lambda_2, job.workers, job.seed)
        step = checked_step(job.gamma, losses, job.problem)
        team = Team(losses, step, job.lambda_1, job.p, job.seed)
        if workers.rank:
            run_worker(team, workers, np.zeros(team.features))
            workers.exchange(_report(workers))
        else:
            _lead(job, prepared, team, optimum, workers).write(metrics)
        workers.close()


def _report(workers: ProcessWorker) -> dict[str, int]:
    return {"pid": os.getpid(), "sent": workers.sent}


def _lead(
    job: ProcessesJob, prepared: PreparedSamples, team: Team, optimum: Path, workers: ProcessWorker
) -> Journal:
    """Be the master; then repeat the run in the simulation, worker by worker as they came."""
    journal = Journal({"step": "processes", **facts(job, prepared)})
    whole = Logistic(prepared.signed, job.lambda_2)
    problem, start = (
        Problem(whole, job.lambda_1, read_optimum(optimum, whole.features)),
        np.zeros(whole.features),
    )

    def monitor() -> Monitor:
        return Monitor(problem, job.workers, job.target, job.epochs, job.measure_every, None)

    measured, repeated = monitor(), monitor()
    master, order = run_master(team, workers, measured, start, None)
    reports = workers.exchange(_report(workers))
    journal.add("run", **measured.summary())
    for rank, report in enumerate(reports):
        journal.add("process", {"pid": report["pid"]}, rank=rank, bytes_sent=report["sent"])
    replay = simulate(team, Replay(order), repeated, start)
    journal.add(
        "replay",
        largest_difference=float(np.abs(replay.w - master.w).max()),
        suboptimality=repeated.points[-1].suboptimality,
    )
    return journal
