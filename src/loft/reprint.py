"""Make a run's tables and figures again from its lines (`metrics.jsonl`), without training.

The lines are committed, so this also works on a fresh clone or a download. Snakemake would first
make the lines again there, because it has no record of how they were made.
"""

from pathlib import Path

from loft import published
from loft.core.files.run_paths import results_folder
from loft.core.reporting.reprinted import Reprinted
from loft.core.reporting.run_provenance import commits
from loft.core.settings.lookup import load
from loft.run import read as read_run

REPRINTS = {  # by study: function of the run's settings and its results folder
    "tickets": "loft.tickets.run.reprint:reprint",  # first: SODA's comparison reads its Table 1
    "theorem1": "loft.theorem1.reprint:reprint",
    "soda": "loft.soda.reprint:reprint",
    "diversity": "loft.diversity.reprint:reprint",
}
ROUNDS = "loft.diversity.reprint:reprint_rounds"  # of lines that the study of tickets measured


def reprint(params: Path) -> str:
    """Write a run's tables and figures below `results`; return one line about their origin.

    Raises:
        UserError: the params file is wrong, or lines are missing or damaged.
    """
    run = read_run(params)
    results = results_folder(run.run)
    published.put_back(results)
    lines: list[Path] = []
    left: list[str] = []
    updates: list[Path] = []
    missing: list[int] = []
    for study in (name for name in REPRINTS if name in run.studies):
        made: Reprinted = load(REPRINTS[study])(run, results)
        lines += made.lines
        left += made.left
        updates += made.updates
        missing += made.missing
    if updates and "diversity" in run.studies:
        load(ROUNDS)(updates, results)
        lines += updates
    known = commits(results) or ["unknown"]
    said = f"nothing was trained: the tables and figures of run '{run.run}' come from the lines of"
    said += f" {len(lines)} jobs in {results}/**/metrics.jsonl, of commits {', '.join(known)}"
    if missing:
        said += f"; seeds that are not made yet: {', '.join(map(str, missing))}"
    if left:
        said += f"; left as they are: {', '.join(left)}, which need weights (`loft restore`)"
    return said
