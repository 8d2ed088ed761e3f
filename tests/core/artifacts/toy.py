"""A project of a few small files, stored by DVC as the real one is, to be broken in every way."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.project import ROOT

DATA = Path("results/toy/data/images")
TICKET = Path("results/toy/net/seed0/ticket")
OTHER = Path("results/other/net/ticket")
RECORDS = Path(".snakemake/metadata")
OUTPUTS = ["results/toy/data", "results/toy/net", str(RECORDS)]


def found_at(folder: Path) -> Path:
    """Make the project, whose files are not made yet."""
    folder.mkdir(parents=True)
    (folder / ".dvc").mkdir()
    for name in (".dvc/config", ".dvcignore", ".gitignore"):
        shutil.copy(ROOT / name, folder / name)
    outs = [{output: {"persist": True}} for output in OUTPUTS]
    stages = {"toy": {"cmd": "snakemake", "outs": outs}}
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    (folder / "params").mkdir()
    for run in ("toy", "other"):
        (folder / "params" / f"{run}.yaml").write_text(f"run: {run}\n", encoding="utf-8")
    return folder


def version(name: str) -> dict[Path, str]:
    """Return the default run's files and their records, as they are in one of its versions."""
    made = {DATA: "the images", TICKET: f"ticket {name}", TICKET.with_name(name): name}
    return made | {record(path): json.dumps({"made": name, "of": str(path)}) for path in made}


def make(folder: Path, name: str) -> dict[Path, str]:
    """Put a version of the default run's files, and no other one, in a folder."""
    for output in OUTPUTS:
        shutil.rmtree(folder / output, ignore_errors=True)
    return write(folder, version(name))


def write(folder: Path, files: dict[Path, str]) -> dict[Path, str]:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return files


def record(path: Path) -> Path:
    """Return Snakemake's record of a file."""
    return RECORDS / base64.urlsafe_b64encode(str(path).encode()).decode()


def content(folder: Path, below: tuple[str, ...] = ("results", ".snakemake")) -> dict[Path, str]:
    """Return every file with what is in it; folders alone are not there."""
    return {
        path.relative_to(folder): path.read_text(encoding="utf-8")
        for name in below
        for path in (folder / name).rglob("*")
        if path.is_file()
    }


def flip(path: Path) -> None:
    """Change one bit of a file, as an old disk does."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def clone(folder: Path, to: Path) -> Path:
    """Copy what git would carry."""
    ignored = shutil.ignore_patterns("results", ".snakemake", "cache", "tmp")
    shutil.copytree(folder, to, ignore=ignored)
    for pointer in (folder / "results").rglob("*.dvc"):
        (to / pointer.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pointer, to / pointer.relative_to(folder))
    return to


def add_remote(folder: Path, name: str, url: str) -> None:
    with (folder / ".dvc" / "config").open("a", encoding="utf-8") as file:
        file.write(f"['remote \"{name}\"']\n    url = {url}\n")


def killed(step: str, folder: Path, stride: int) -> int:
    """Kill a step before each change, in a process of its own; return how often."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.artifacts.killed", step, str(folder), str(stride)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)
