"""Two things that Snakemake says of its jobs, where `quiet: rules` leaves out all of them.

The default profile keeps every rule's details out, whose lists of files fill a screen for each job.
With them Snakemake also leaves out which job failed, and the calls that `-p` asks for.
"""

import logging
from typing import Any


def name_failed_jobs(workflow: Any) -> None:
    """Have Snakemake name each job that fails, with its log, and print calls under `-p`."""
    from snakemake.logging import logger
    from snakemake.settings.enums import Quietness

    asked = workflow.output_settings
    quiet = {*(asked.quiet or ())}
    if Quietness.RULES in quiet and Quietness.ALL not in quiet:
        logger.addHandler(_Notices(logger, asked.printshellcmds))


class _Notices(logging.Handler):
    """Sends what is to be seen through Snakemake's log again, as plain lines."""

    def __init__(self, log: logging.Logger, calls: bool) -> None:
        super().__init__()
        self._log, self._calls = log, calls

    def emit(self, record: logging.LogRecord) -> None:
        """Repeat a record of interest; a plain line has no event and is of none."""
        event = getattr(record, "event", None)
        if event == "job_error":
            said: list[str] = getattr(record, "log", [])
            where = f"; what it said is in {', '.join(said)}" if said else ""
            self._log.error(f"Job failed: {getattr(record, 'rule_name', '?')}{where}")
        elif event == "shellcmd" and self._calls:
            self._log.info(f"\n{getattr(record, 'shellcmd', None) or record.getMessage()}")
