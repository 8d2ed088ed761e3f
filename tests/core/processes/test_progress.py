"""Progress is one line per epoch on standard error."""

import re
import subprocess
import sys

import pytest

from loft.core.processes.progress import Progress, describe, say


def test_a_line_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("half done")
    assert capsys.readouterr() == ("", "half done\n")


def test_an_epoch_is_shown_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    Progress("dense", 4).show(2, "loss 1.000")
    said = capsys.readouterr().err
    assert re.fullmatch(r"dense  epoch 2/4  loss 1\.000  \d+:\d\d left\n", said)


def test_an_epoch_without_a_test_has_no_test_accuracy() -> None:
    line = {"loss": 0.5, "train_accuracy": 81.25, "test_accuracy": None}
    assert describe(line) == "loss 0.500  train 81.2 %"
    assert describe({**line, "test_accuracy": 75.0}) == "loss 0.500  train 81.2 %  test 75.0 %"


def test_work_goes_on_where_nobody_reads() -> None:
    script = "from loft.core.processes.progress import say\nsay('a'); say('b'); print('done')"
    with subprocess.Popen(
        [sys.executable, "-c", f"input()\n{script}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stderr.close()
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.stdout.read() == "done\n"
    assert process.returncode == 0
