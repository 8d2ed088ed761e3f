"""A job's workers: no one else's settings reach them, and no one else can reach them."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from loft.core.errors import JobError, UserError
from loft.core.processes.launch import launch
from loft.core.processes.workers import ProcessWorker
from loft.diversity.jobs import DropConnectJob, SpeedupJob
from loft.diversity.steps import dropconnect, speedup
from loft.soda.jobs import OptimumJob, SamplesJob
from loft.soda.steps import optimum, processes, samples
from loft.tickets.pretraining import pretrain, worker_changes
from loft.tickets.pretraining.job import WorkerChangesJob
from loft.tickets.run.run import Run
from tests.conftest import ROOT, Pretrain
from tests.diversity.runs import DIVERSITY
from tests.faults.harness import made, orphans
from tests.faults.steps import pretraining
from tests.sockets import descendants, listening, watched
from tests.soda.problems import CLUSTERS, processes_job

OUTER = {  # what managed containers and schedulers say of processes of their own
    **{"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"},
    **{"MASTER_ADDR": "192.0.2.1", "MASTER_PORT": "1", "GROUP_RANK": "1"},
    **{"GLOO_SOCKET_IFNAME": "eth7", "NCCL_SOCKET_IFNAME": "eth7"},
}


def allowed(*kinds: str) -> bool:
    """Whether this machine lets a user make namespaces of these kinds."""
    try:
        return subprocess.run(["unshare", "-r", *kinds, "true"], check=False).returncode == 0
    except FileNotFoundError:
        return False


def pretrained(cell: str) -> Callable[[Run, Path, Path], None]:
    def job(run: Run, images: Path, out: Path) -> None:
        pretrain.run(run.pretrain_job("preresnet18", cell, 0), images, out, out / "metrics.jsonl")

    return job


def updated(run: Run, images: Path, out: Path) -> None:
    pretrained("loft-2")(run, images, out)
    local = run.pretrain_job("preresnet18", "loft-2", 0)
    job = WorkerChangesJob(pretraining=local, iterations=[1, 2], samples=20)
    worker_changes.run(job, images, out, out / "updates.jsonl")


def sparse(run: Run, images: Path, out: Path) -> None:
    job = processes_job(2, 0.2)
    samples.run(SamplesJob(data=CLUSTERS, normalisation=job.normalisation), out / "samples.npz")
    names = job.model_dump(include={"problem", "normalisation", "lambda_1", "lambda_2"})
    found = OptimumJob(**names, kkt_tolerance=1e-14)
    optimum.run(found, out / "samples.npz", out / "optimum.npz", out / "optimum.jsonl")
    processes.run(job, out / "samples.npz", out / "optimum.npz", out / "metrics.jsonl")


def shared(run: Run, images: Path, out: Path) -> None:
    given = {key: DIVERSITY[key] for key in ("seed", "memory", "speedup")}
    speedup.run(SpeedupJob(workers=2, **given), images, out / "metrics.jsonl")


def dropped(run: Run, images: Path, out: Path) -> None:
    given = {key: DIVERSITY[key] for key in ("seed", "memory", "mechanisms", "dropconnect")}
    dropconnect.run(DropConnectJob(**given), images, out / "metrics.jsonl")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's lists of sockets are Linux's")
@pytest.mark.parametrize(
    "job",
    [
        pytest.param(pretrained("loft-2"), id="loft"),
        pytest.param(pretrained("local_sgd-2"), id="local_sgd"),
        pytest.param(pretrained("gpipe-2"), id="gpipe"),
        pytest.param(updated, id="updates"),
        pytest.param(sparse, id="soda"),
        pytest.param(shared, id="speedup"),
        pytest.param(dropped, id="dropconnect"),
    ],
)
def test_workers_listen_on_the_loopback_interface_alone(
    run: Run, images_file: Path, tmp_path: Path, job: Callable[[Run, Path, Path], None]
) -> None:
    with watched() as found:
        job(run, images_file, tmp_path)
    assert (tmp_path / "metrics.jsonl").exists()
    assert found, "no worker was seen to listen"
    assert [address for address in found if not address.is_loopback] == []


def test_what_listens_elsewhere_would_be_seen() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LISTENER], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert process.pid in descendants(os.getpid())
        assert {str(address) for address in listening(process.pid)} == {"0.0.0.0", "::1"}
        process.communicate()


LISTENER = """
import socket
everywhere, six = socket.socket(), socket.socket(socket.AF_INET6)
for own, address in ((everywhere, "0.0.0.0"), (six, "::1")):
    own.bind((address, 0))
    own.listen()
print("listening", flush=True)
input()
"""


@pytest.mark.skipif(not allowed("-u"), reason="no namespaces for host names here")
@pytest.mark.parametrize("elsewhere", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_host_name_that_leads_nowhere_and_others_settings_do_not_matter(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path, elsewhere: bool
) -> None:
    """Nor a long path of temporary files. Elsewhere: the name is another machine's."""
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    step = pretraining(job, images_file, tmp_path)
    script, kinds = "hostname nowhere.invalid; ", "-ru"
    if elsewhere:
        kinds = "-rum"
        (tmp_path / "hosts").write_text("192.0.2.1 nowhere.invalid\n", encoding="ascii")
        script += f"mount --bind {tmp_path / 'hosts'} /etc/hosts && "
    long = tmp_path / ("long" * 40)
    long.mkdir()
    given = ["unshare", kinds, "bash", "-c", f'{script} exec "$@"', "bash"]
    done = subprocess.run(
        [*given, sys.executable, "-m", "loft", *step.arguments],
        env={**os.environ, **OUTER, "PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(long)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert made(tmp_path / "made") == made(pretrain(job)[0])
    assert list(long.iterdir()) == []


def test_a_job_of_one_worker_reads_no_others_settings(
    run: Run, images_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in OUTER.items():
        monkeypatch.setenv(name, value)
    pretrained("dense")(run, images_file, tmp_path)
    assert (tmp_path / "metrics.jsonl").exists()


LAUNCHING = """
import sys
from loft.core.errors import JobError
from loft.core.processes.launch import launch
try:
    launch(print, (), 2)
except JobError as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        pytest.param(
            ["unshare", "-rn"],
            r"workers need the loopback interface \(127\.0\.0\.1\): .*; bring it up, .*",
            marks=pytest.mark.skipif(not allowed("-n"), reason="no network namespaces here"),
            id="no loopback",
        ),
        pytest.param(
            ["bash", "-c", 'ulimit -n 16; exec "$@"', "bash"],
            r"processes cannot be started: at most 16 open files are allowed; expected 128 .*",
            id="few files",
        ),
    ],
)
def test_what_workers_lack_is_one_line(prefix: list[str], expected: str) -> None:
    done = subprocess.run(
        [*prefix, sys.executable, "-c", LAUNCHING],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert re.fullmatch(expected, done.stderr.strip())


def fail(how: str) -> None:
    """Fail as the worker of rank 1; the others lose their connection to it."""
    workers = ProcessWorker(gpu=False)
    workers.exchange({"long": 1000 * "x" * workers.rank})
    if workers.rank == 1:
        if how == "error":
            raise UserError("images/7.png: damaged")
        if how == "mistake":
            raise ZeroDivisionError("a mistake")
        os.kill(os.getpid(), signal.SIGKILL)
    workers.exchange({})


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("error", r"images/7\.png: damaged"),
        ("mistake", r"worker 1 of 3 \(process \d+\) failed: ZeroDivisionError: a mistake"),
        ("kill", r"worker 1 of 3 \(process \d+\) ended by SIGKILL"),
    ],
)
def test_the_cause_of_a_failure_is_shown(how: str, expected: str) -> None:
    with pytest.raises((JobError, UserError)) as error:
        launch(fail, (how,), 3)
    assert re.fullmatch(expected, str(error.value))


def test_workers_end_with_the_process_that_launched_them(
    run: Run, images_file: Path, tmp_path: Path
) -> None:
    """Even where that alone is killed outright."""
    job = run.pretrain_job("preresnet18", "loft-2", 0).model_copy(update={"epochs": 1000})
    with pretraining(job, images_file, tmp_path).start() as launcher:
        assert launcher.stderr is not None
        assert any("epoch 1/1000" in line for line in launcher.stderr)
        launcher.kill()
    deadline = time.monotonic() + 60
    while orphans(launcher.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert orphans(launcher.pid) == []
