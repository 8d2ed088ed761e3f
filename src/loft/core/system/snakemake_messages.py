"""Show two messages of Snakemake that `quiet: rules` hides: failed jobs, and commands under `-p`.

The default profile sets `quiet: rules`, because the details of a rule fill a screen for each job.
This setting also hides the names of failed jobs and the commands that `-p` asks for.
"""

import logging
from typing import Any


def name_failed_jobs(workflow: Any) -> None:
    """Make Snakemake name each failed job and its log, and print commands under `-p`."""
    from snakemake.logging import logger
    from snakemake.settings.enums import Quietness

    asked = workflow.output_settings
    quiet = {*(asked.quiet or ())}
    if Quietness.RULES in quiet and Quietness.ALL not in quiet:
        logger.addHandler(_Notices(logger, asked.printshellcmds))


class _Notices(logging.Handler):
    """Writes selected events to Snakemake's log again, as plain lines."""

    def __init__(self, log: logging.Logger, calls: bool) -> None:
        super().__init__()
        self._log, self._calls = log, calls

    def emit(self, record: logging.LogRecord) -> None:
        """Repeat failed jobs and commands; plain lines have no event and are skipped."""
        event = getattr(record, "event", None)
        if event == "job_error":
            said: list[str] = getattr(record, "log", [])
            where = f"; what it said is in {', '.join(said)}" if said else ""
            self._log.error(f"Job failed: {getattr(record, 'rule_name', '?')}{where}")
        elif event == "shellcmd" and self._calls:
            self._log.info(f"\n{getattr(record, 'shellcmd', None) or record.getMessage()}")
