"""A copy of the project, so that what a test changes or makes leaves the real one as it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from loft.core.reporting.run_provenance import COPIES

ROOT = Path(__file__).parents[1]


def committed(path: Path) -> Path:
    """Return where git keeps a file of a run's results: of what was timed, a copy."""
    results = ROOT / "results"
    run = results / path.relative_to(results).parts[0]
    copy = run / COPIES / path.relative_to(run)
    return copy if copy.exists() else path


def committed_lines(study: Path) -> list[Path]:
    """Return all committed lines of a study of a run, such as `results/digits/soda`."""
    copies = (study.parent / COPIES / study.name).rglob("metrics.jsonl")
    return sorted({*map(committed, study.rglob("metrics.jsonl")), *copies})


def copy_to(folder: Path) -> Path:
    """Copy what makes runs: code, rules and params."""
    for name in ("src", "workflow", "profiles", "params", "Snakefile"):
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    return folder


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run snakemake in a copy, with its own code."""
    environment = {**os.environ}
    environment.pop("PYTHONPATH", None)  # the Snakefile says it, and where `python` is
    elsewhere = [path for path in os.get_exec_path() if Path(path) != Path(sys.executable).parent]
    environment["PATH"] = os.pathsep.join(elsewhere)
    return subprocess.run(
        [str(Path(sys.executable).with_name("snakemake")), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def make(folder: Path, run: str, *targets: str) -> None:
    """Make a run in a copy to the end, from its params file of the same name."""
    given = [*(targets or ["all"]), "--cores", "2", "--configfile", f"params/{run}.yaml"]
    done = snakemake(folder, *given)
    assert done.returncode == 0, done.stderr[-4000:]


def python(folder: Path, *arguments: str) -> str:
    """Run Python in a copy, with its own code; return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder / 'src'}:{folder}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
