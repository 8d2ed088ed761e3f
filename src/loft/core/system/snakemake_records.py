"""Make Snakemake rerun jobs whose outputs have no record of how they were made.

By default Snakemake compares time stamps where it has no record. All files of a download, or of a
clone on a file system with stamps of whole seconds, may have the same stamp. The tables in it would
count as up to date, whatever the settings say.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any


@cache  # once is enough for a process
def rerun_unrecorded() -> None:
    """Make Snakemake run every job that has an output without a record, and say so.

    Such outputs are forced in the same way as those of interrupted jobs, right after that check.
    `--ignore-incomplete` and `--rerun-triggers mtime` switch this off.
    """
    from snakemake.dag import DAG
    from snakemake.logging import logger
    from snakemake.settings.types import RerunTrigger

    check = DAG.check_incomplete

    async def check_records_too(dag: Any) -> None:
        await check(dag)
        by_stamps = {*dag.workflow.rerun_triggers} <= {RerunTrigger.MTIME}
        if by_stamps or dag.ignore_incomplete or not dag.workflow.is_main_process:
            return
        found = list(_unrecorded(dag))
        dag.forcefiles.update(found)
        if found:
            logger.info(
                f"{len(found)} files, such as {found[0]}, came with this folder and were not made"
                " in it: they are made anew (`loft reprint --help`: tables without training)"
            )

    DAG.check_incomplete = check_records_too


def _unrecorded(dag: Any) -> Iterator[str]:
    """Yield existing outputs of the jobs in the graph that have no record."""
    known = dag.workflow.persistence
    for job in dag.jobs:
        if not known.has_metadata(job):
            yield from (
                path for path in job.output if known.metadata(path) is None and Path(path).exists()
            )
