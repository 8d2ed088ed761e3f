"""Make this study's tables and figures again from a run's metrics files."""

from pathlib import Path

from loft.core.reporting.reprinted import Reprinted
from loft.soda.run import Run, report_job
from loft.soda.settings import SodaSettings
from loft.soda.steps import compare, figures, tables


def reprint(run: Run, results: Path) -> Reprinted:
    """Write tables, figures and comparison. Raises UserError if lines are missing or damaged."""
    folder = results / "soda"
    job, metrics = report_job(run.soda), lines(run.soda, folder)
    tables.run(job, metrics, folder)
    figures.run(job, metrics, folder)
    table = run.soda.tickets_table
    compare.run(job, metrics, Path(table) if table else None, folder)
    return Reprinted(metrics, [])


def lines(soda: SodaSettings, folder: Path) -> list[Path]:
    """Return the paths of all metrics files of a run, as the rule file spells them."""
    jobs = [problem.name for problem in soda.problems]
    jobs += [
        f"{problem.name}/p{p:g}"
        for problem in soda.problems
        if problem.simulate is not None
        for p in problem.simulate.probabilities
    ]
    if soda.processes is not None:
        jobs.append(f"{soda.processes.problem}/processes")
    return [folder / job / "metrics.jsonl" for job in jobs]
