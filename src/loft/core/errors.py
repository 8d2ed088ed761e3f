"""Define the exceptions that are shown as one line instead of a traceback."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """An error that the user can correct: a wrong value, a missing file, damaged data.

    Its text is one line that names the key or file, what was found and what was expected. The
    command line prints it and exits with status 2.
    """


class JobError(Exception):
    """A job failed while it ran: a worker died, or the loss is not a number. Exit status 1."""


def suggestion(found: object, known: Iterable[object]) -> str:
    """Return the end of a line about an unknown name: a question with the nearest known name."""
    near = difflib.get_close_matches(str(found), [str(name) for name in known], n=1)
    return f", did you mean '{near[0]}'?" if near else ""
