"""GPUs are leased by file locks: different ones for different jobs, and none kept by the dead.

No GPU is needed: holders are real processes, what they hold are names.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from loft.core.errors import JobError
from loft.core.system import devices
from loft.core.system.devices import leased, visible
from loft.tickets.pretraining import pretrain
from loft.tickets.run.run import Run
from tests.conftest import ROOT

HOLDER = """
import os, sys
from pathlib import Path
from loft.core.system.devices import leased
sys.stdin.readline()
with leased(int(sys.argv[2]), sys.argv[3:], Path(sys.argv[1])) as gpus:
    print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
    sys.stdin.readline()
"""


class Holders:
    """Processes that lease GPUs when told to, and hold them until they are killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[subprocess.Popen[str]] = []

    def start(self, count: int, *gpus: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", HOLDER, str(self.folder), str(count), *gpus]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        process = subprocess.Popen(command, env=environment, text=True, **pipes)  # type: ignore[call-overload]
        self._started.append(process)
        return process  # type: ignore[no-any-return]

    def lease(self, count: int, *gpus: str) -> tuple["subprocess.Popen[str]", list[str]]:
        process = self.start(count, *gpus)
        go(process)
        return process, answer(process)

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate()


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def answer(process: "subprocess.Popen[str]") -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().strip().split(",")


@pytest.fixture
def holders(tmp_path: Path) -> Iterator[Holders]:
    made = Holders(tmp_path / "leases")
    yield made
    made.end()


def test_jobs_get_different_gpus_then_share_the_least_held(holders: Holders) -> None:
    assert [holders.lease(1, "0", "1", "2")[1] for _ in range(3)] == [["0"], ["1"], ["2"]]
    assert holders.lease(1, "2", "0")[1] == ["2"]  # the first of equals, as this job names them
    process, shared = holders.lease(1, "0", "1", "2")
    assert shared == ["0"]
    assert holders.lease(1, "0", "1", "2")[1] == ["1"]
    process.kill()
    said = process.communicate()[1]
    assert said == "GPU 0: shared with 1 other jobs; none is free\n"


def test_jobs_that_start_together_spread_evenly(holders: Holders) -> None:
    gpus = ["0", "1", "2", "3"]
    processes = [holders.start(1, *gpus) for _ in range(8)]
    for process in processes:
        go(process)
    held = Counter(gpu for process in processes for gpu in answer(process))
    assert held == dict.fromkeys(gpus, 2)


def test_a_killed_holders_gpu_is_free_again(holders: Holders) -> None:
    first, gpus = holders.lease(1, "0", "1")
    assert gpus == ["0"]
    holders.lease(1, "0", "1")
    first.send_signal(signal.SIGKILL)
    first.wait()
    with leased(1, ["0", "1"], holders.folder) as gpus:
        assert gpus == ["0"]
    assert len([*holders.folder.glob("gpu-0.*")]) == 1  # the dead one's is gone


def test_the_workers_of_a_job_get_a_gpu_each(holders: Holders) -> None:
    holders.lease(1, "0", "1", "2", "3")
    assert holders.lease(2, "0", "1", "2", "3")[1] == ["1", "2"]
    assert holders.lease(2, "0", "1", "2", "3")[1] == ["3", "0"]


def test_parts_of_gpus_have_names_of_their_own(tmp_path: Path) -> None:
    parts = ["MIG-GPU-5c89852c/1/0", "MIG-GPU-5c89852c/1/1"]
    with leased(1, parts, tmp_path) as first, leased(1, parts, tmp_path) as second:
        assert [*first, *second] == parts


def test_where_gpus_are_too_few_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(devices.VARIABLE, raising=False)
    for count, gpus in [(1, []), (4, ["0", "1"])]:
        with leased(count, gpus, tmp_path / "leases") as chosen:
            assert chosen == []
            assert devices.VARIABLE not in os.environ
    assert not (tmp_path / "leases").exists()


@pytest.mark.parametrize("before", [None, "3,5"])
def test_the_environment_is_as_before_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.delenv(devices.VARIABLE, raising=False)
    if before is not None:
        monkeypatch.setenv(devices.VARIABLE, before)
    with leased(1, ["3", "5"], tmp_path):
        assert os.environ[devices.VARIABLE] == "3"
    assert os.environ.get(devices.VARIABLE) == before


@pytest.mark.parametrize(
    ("named", "count", "expected"),
    [
        (None, 2, ["0", "1"]),
        ("3,5", 2, ["3", "5"]),
        ("GPU-8932f937, GPU-1f22", 2, ["GPU-8932f937", "GPU-1f22"]),
        ("3,99", 1, ["3"]),  # CUDA ends the list at the first that there is not
        ("", 0, []),
        (None, 0, []),
    ],
)
def test_an_outer_choice_is_respected(
    monkeypatch: pytest.MonkeyPatch, named: str | None, count: int, expected: list[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.delenv(devices.VARIABLE, raising=False)
    if named is not None:
        monkeypatch.setenv(devices.VARIABLE, named)
    assert visible() == expected


def test_leases_are_kept_in_no_one_elses_folder(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "leases").symlink_to(tmp_path / "theirs")
    with (
        pytest.raises(JobError, match="leases: found another user's"),
        leased(1, ["0"], tmp_path / "leases"),
    ):
        pass
    assert [*(tmp_path / "theirs").iterdir()] == []


@pytest.mark.parametrize(
    ("cell", "expected"), [("dense", "5"), ("loft-2", "5,7"), ("loft-4", "5"), ("gpipe-4", "5")]
)
def test_a_pretraining_sees_what_it_leased(
    run: Run,
    images_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cell: str,
    expected: str,
) -> None:
    """Three GPUs, one of which another job holds.

    Four workers are too many for them: they take turns on one.
    """
    seen: list[str] = []

    def look(*_: Any) -> None:
        seen.append(os.environ[devices.VARIABLE])

    monkeypatch.setattr(pretrain, "begin", look)
    monkeypatch.setattr(pretrain, "launch", look)
    monkeypatch.setattr(pretrain, "take_turns", look)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv(devices.VARIABLE, "3,5,7")
    with leased(1, ["3"]):
        os.environ[devices.VARIABLE] = "3,5,7"  # the other job's lease is its own affair
        job = run.pretrain_job("preresnet18", cell, 0)
        pretrain.run(job, images_file, tmp_path / "out", tmp_path / "metrics.jsonl")
    assert seen == [expected]


@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("count", [1, 2])
def test_gpus_are_handed_out_without_leases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    with leased(count, ["3", "5", "7"], tmp_path) as gpus:
        assert len({*gpus} & {"3", "5", "7"}) == count
    (said,) = capsys.readouterr().err.splitlines()
    assert "jobs may share a GPU" in said
