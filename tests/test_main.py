"""`python -m loft` is the same as `loft`."""

from tests.conftest import loft


def test_its_exit_status_is_the_command_lines() -> None:
    assert loft("comm", "--help").returncode == 0
    failed = loft("params", "no-such-run")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("loft: ")
    assert failed.stderr.count("\n") == 1
