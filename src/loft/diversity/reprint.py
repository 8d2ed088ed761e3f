"""Make this study's tables and figures again from a run's metrics files."""

from pathlib import Path
from typing import Any

from loft.core.reporting.reprinted import Reprinted
from loft.diversity.settings import DiversitySettings
from loft.diversity.steps import figures, rounds, tables


def reprint(run: Any, results: Path) -> Reprinted:
    """Write tables and figures; those of local training only if the run also pretrains.

    Raises:
        UserError: lines are missing or damaged.
    """
    folder = results / "diversity"
    metrics = lines(run.diversity, folder / "metrics")
    tables.run(run.diversity_report(), metrics, folder)
    figures.run(run.diversity_report(), metrics, folder)
    local = updates(run, results / "tickets" / "metrics") if "tickets" in run.studies else []
    if local:
        rounds.run(local, folder)
    return Reprinted([*metrics, *local], [])


def lines(diversity: DiversitySettings, folder: Path) -> list[Path]:
    """Return the paths of all metrics files of a run, as the rule file spells them."""
    jobs = [f"replication/{own.model.name}" for own in diversity.replication]
    jobs += [f"speedup/{processes}" for processes in diversity.speedup.workers]
    jobs += ["passes", "dropconnect", "statements"]
    return [folder / job / "metrics.jsonl" for job in jobs]


def updates(run: Any, folder: Path) -> list[Path]:
    """Return the paths of the files with workers' changes in a round of pretraining."""
    cells = run.updates.cells if run.updates else []
    return [
        folder / model.name / cell / f"seed{run.seeds[0]}" / "updates" / "metrics.jsonl"
        for model in run.models
        for cell in cells
    ]
