"""However a step ends, its exit status says how, and an error is one line."""

import pytest

from loft import cli
from loft.core.errors import JobError, UserError


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (UserError("a.key: found 1; expected 2"), 2, "loft: a.key: found 1; expected 2\n"),
        (JobError("out of memory"), 1, "loft: out of memory\n"),
        (KeyboardInterrupt(), 1, "loft: interrupted\n"),
    ],
)
def test_an_error_is_a_line_and_a_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    said: str,
) -> None:
    def fail(csv: bool) -> str:
        raise error

    monkeypatch.setattr("loft.tickets.report.comm.run", fail)
    assert cli.main(["comm"]) == status
    assert capsys.readouterr() == ("", said)


def test_another_error_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(csv: bool) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("loft.tickets.report.comm.run", fail)
    with pytest.raises(ZeroDivisionError):
        cli.main(["comm"])


@pytest.mark.parametrize("given", [[], ["no-such-step"], ["comm", "--more"]])
def test_what_is_no_step_or_option_is_refused(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(given)
    assert end.value.code == 2
    assert "loft: error: " in capsys.readouterr().err


def test_the_help_lists_the_steps_of_all_studies(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--help"])
    assert end.value.code == 0
    listed = capsys.readouterr().out
    for step in ("check", "restore", "pretrain", "theorem1", "soda-simulate", "diversity-passes"):
        assert f"\n    {step} " in listed
