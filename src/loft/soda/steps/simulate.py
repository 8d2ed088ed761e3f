"""Simulate one problem with one probability, repeatedly."""

from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from loft.core.reporting.metrics import Journal
from loft.core.seeding import stream
from loft.soda.archives import read_optimum, read_samples
from loft.soda.convergence import Monitor, Problem
from loft.soda.jobs import SimulateJob
from loft.soda.logistic import Logistic
from loft.soda.simulation import Clock, Team, checked_step, deal, run_with_restarts
from loft.soda.steps.facts import facts
from loft.soda.theory import alpha


def run(job: SimulateJob, samples: Path, optimum: Path, metrics: Path) -> None:
    """Write the end of every repetition to `metrics`, and the curves of the first if asked for.

    Each repetition draws its own masks and speeds of workers; all share the samples.

    Raises:
        UserError: the step is too large, or there are more workers than samples.
    """
    prepared = read_samples(samples)
    kept = {"repetitions": job.repetitions, "curves": 1 if job.curve_points else 0}
    journal = Journal({"step": "simulate", **facts(job, prepared), **kept})
    with threadpool_limits(1):  # a worker's products are small, and threads change bits
        losses = deal(prepared.signed, job.lambda_2, job.workers, job.seed)
        step = checked_step(job.gamma, losses, job.problem)
        whole = Logistic(prepared.signed, job.lambda_2)
        problem = Problem(whole, job.lambda_1, read_optimum(optimum, whole.features))
        journal.add("theory", gamma=step, alpha=alpha(step, losses))
        for repetition in range(job.repetitions):
            team = Team(losses, step, job.lambda_1, job.p, job.seed, repetition)
            limits = (job.target, job.epochs, job.measure_every, job.restart_patience)
            monitor = Monitor(problem, job.workers, *limits)
            clock = Clock(job.network, losses, stream("speeds", job.seed, repetition))
            restarts = run_with_restarts(team, clock, monitor, np.zeros(whole.features))
            if repetition == 0 and job.curve_points:
                journal.add("curves", repetition=0, **monitor.curves(job.curve_points))
            journal.add("run", repetition=repetition, restarts=restarts, **monitor.summary())
    journal.write(metrics)
