"""This study's tables and figures, made again from a run's lines."""

from pathlib import Path

from loft.core.reporting.reprinted import Reprinted
from loft.tickets.report import draw_figures, make_tables
from loft.tickets.results import paths
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.run import Run


def reprint(run: Run, results: Path) -> Reprinted:
    """Write tables and figures below `results`; Figure 1 only where its distances are there.

    Raises:
        UserError: lines are missing or damaged.
    """
    folder = results / "tickets"
    metrics = lines(run, folder / "metrics")
    make_tables.run(run.table_job(), metrics, folder, results / "metrics.json")
    pairs = [
        paths.pairs(folder / model.name / UNPRUNED / f"seed{seed}")
        for model in run.models
        for seed in run.seeds
    ]
    found = pairs if all(path.exists() for path in pairs) else []
    return Reprinted(metrics, draw_figures.run(run.figures_job(), found, folder))


def lines(run: Run, folder: Path) -> list[Path]:
    """Return where a run's jobs leave what they measured. The rule files spell the same paths."""
    every = [folder / model.name for model in run.models]
    trained = [*run.trained, UNPRUNED, *run.measured]
    jobs = [f"{cell}/seed{seed}" for cell in trained for seed in run.seeds]
    finetuned = [*run.trained, *run.controls]
    jobs += [f"{cell}/seed{seed}/finetune" for cell in finetuned for seed in run.seeds]
    found = [model / job / "metrics.jsonl" for model in every for job in jobs]
    return [*found, folder / "distances" / "metrics.jsonl"]
