"""Under the default profile a failed job is named with its log, and -p prints calls."""

from pathlib import Path

import pytest

from tests.conftest import TINY, write_params
from tests.project import copy_to, snakemake

GIVEN = ["comm", "--configfile=params/tiny.yaml", "--cores=1"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_to(tmp_path_factory.mktemp("notices"))
    write_params(folder / "params" / "tiny.yaml", TINY)
    return folder


def test_a_failed_job_is_named_with_its_log(project: Path) -> None:
    main = project / "src" / "loft" / "__main__.py"
    before = main.read_text(encoding="utf-8")
    main.write_text("raise SystemExit('no luck')\n", encoding="utf-8")
    done = snakemake(project, *GIVEN)
    main.write_text(before, encoding="utf-8")
    assert done.returncode == 1
    assert "Job failed: comm; what it said is in logs/tiny/comm.log\n" in done.stderr
    assert "no luck" in (project / "logs" / "tiny" / "comm.log").read_text(encoding="utf-8")
    assert "    input: " not in done.stderr


def test_calls_are_printed_where_they_are_asked_for(project: Path) -> None:
    said = snakemake(project, *GIVEN, "-n", "-p")
    call = "\npython -m loft comm --csv > results/tiny/tickets/comm.csv 2> logs/tiny/comm.log\n"
    assert call in said.stdout + said.stderr
    assert "    input: " not in said.stdout + said.stderr
