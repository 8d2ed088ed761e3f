"""The page's server ends with whoever asked for it, however that ended."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from loft.core.reporting.mlflow_page import HOST, command
from tests.conftest import loft
from tests.project import ROOT

TELL = "import os, signal, subprocess, sys, time; print(NAME, os.getpid(), flush=True);"
PLAIN = TELL.replace("NAME", "'server'") + "time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + PLAIN
MLFLOW = (  # it starts a server and passes SIGTERM on
    TELL.replace("NAME", "'mlflow'")
    + "server = subprocess.Popen([sys.executable, '-c', sys.argv[1]]);"
    "signal.signal(signal.SIGTERM, lambda *_: server.terminate()); server.wait()"
)
LOFT = (
    TELL.replace("NAME", "'loft'")
    + "from pathlib import Path; from loft.core.reporting import mlflow_page as ui;"
    "ui.command = lambda *_: [sys.executable, '-c', *sys.argv[2:]]; ui.PATIENCE = 1;"
    "ui.show(Path(sys.argv[1]), 0)"
)
MAKE = TELL.replace("NAME", "'make'") + "subprocess.run([sys.executable, '-c', *sys.argv[1:]])"


SERVERS = {"plain": PLAIN, "stubborn": STUBBORN}


def started(database: Path, server: str) -> Iterator[tuple[str, int]]:
    """Start the page as `make ui` does; yield each process, and at the end one that is all's."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKE, LOFT, str(database), MLFLOW, SERVERS[server]],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    pids: list[int] = []
    with process:
        try:
            for _ in range(4):
                name, pid = process.stdout.readline().split()
                pids.append(int(pid))
                yield name, int(pid)
            process.communicate(timeout=60)  # until no process holds the other end
        except subprocess.TimeoutExpired:
            for left in pids:
                with suppress(ProcessLookupError):
                    os.kill(left, signal.SIGKILL)
            raise


@pytest.mark.parametrize(
    ("killed", "by", "server"),
    [
        ("make", signal.SIGKILL, "plain"),
        ("make", signal.SIGKILL, "stubborn"),
        ("loft", signal.SIGINT, "plain"),
        ("loft", signal.SIGTERM, "stubborn"),
        pytest.param(
            *("loft", signal.SIGKILL, "plain"),
            marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux tells a child"),
        ),
        ("mlflow", signal.SIGKILL, "plain"),
    ],
)
def test_nothing_outlives_a_kill(
    tmp_path: Path, killed: str, by: signal.Signals, server: str
) -> None:
    database = tmp_path / "mlflow.db"
    database.touch()
    processes = {}
    for name, pid in started(database, server):
        processes[name] = pid
        if name == "server":
            os.kill(processes[killed], by)
    assert {*processes} == {"make", "loft", "mlflow", "server"}


def test_mlflow_listens_here_alone_with_one_worker(tmp_path: Path) -> None:
    assert HOST == "127.0.0.1"
    given = command(tmp_path / "mlflow.db", 5000)
    assert given[given.index("--host") + 1] == HOST
    assert given[given.index("--workers") + 1] == "1"
    kinds = ("src/**/*.py", "workflow/**/*", "profiles/**/*", "Makefile", "Snakefile", "dvc.yaml")
    texts = [path for kind in kinds for path in ROOT.glob(kind) if path.is_file()]
    assert [
        path for path in texts if "0.0.0.0" in path.read_text(encoding="utf-8", errors="replace")
    ] == []


def test_what_cannot_be_shown_is_one_line(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    shown = loft("ui", "--database", str(database))
    assert (shown.returncode, shown.stderr.count("\n")) == (2, 1)
    assert "mlflow.db: no such file" in shown.stderr
    database.touch()
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        shown = loft("ui", "--database", str(database), "--port", port)
    assert (shown.returncode, shown.stderr.count("\n")) == (2, 1)
    assert f"--port: found {port}: Address already in use" in shown.stderr
    shown = loft("ui", "--database", str(database), "--port", "70000")
    assert (shown.returncode, shown.stderr.count("\n")) == (2, 1)
    assert "found 70000: no such port" in shown.stderr


def below(pid: int) -> list[int]:
    """Every process that a process started, or that those did."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return [int(child) for child in children] + [
        each for child in children for each in below(int(child))
    ]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
def test_mlflow_itself_is_three_processes_that_end_together(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    database.touch()
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "loft", "ui", "--database", str(database), "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        assert any(f"running on http://{HOST}:{port}" in line for line in process.stdout)
        with urlopen(f"http://{HOST}:{port}/") as page:
            assert b"MLflow" in page.read()
        assert len(below(process.pid)) == 2
        process.terminate()
        process.communicate(timeout=60)  # until none of them holds the other end
