"""The exceptions that are shown as one line, not as a traceback."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something that the user can mend: a wrong value, a missing file, damaged data.

    Its text is one line that names the key or file, what was found and what was expected;
    the command line prints it and exits with status 2.
    """


class JobError(Exception):
    """A job failed while it ran: a worker died, the loss is no number. Exit status 1."""


def suggestion(found: object, known: Iterable[object]) -> str:
    """Return what ends a line about an unknown name: the nearest known one, if any is near."""
    near = difflib.get_close_matches(str(found), [str(name) for name in known], n=1)
    return f", did you mean '{near[0]}'?" if near else ""
