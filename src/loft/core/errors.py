"""The exceptions that are shown as one line, not as a traceback."""


class UserError(Exception):
    """Something that the user can mend: a wrong value, a missing file, damaged data.

    Its text is one line that names the key or file, what was found and what was expected;
    the command line prints it and exits with status 2.
    """


class JobError(Exception):
    """A job failed while it ran: a worker died, the loss is no number. Exit status 1."""
