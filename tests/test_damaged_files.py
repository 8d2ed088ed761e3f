"""Steps that make tables, figures and the diary, with each of their files damaged in every way.

They end well, or with one line that says which file it is; then what was there before stays.
Among thousands of damages some are drawn; `make soak` tries all.
"""

import contextlib
import io
import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from loft.cli import main
from loft.core.files.checkpoint import write_tensors
from loft.core.reporting import provenance
from loft.core.reporting.metrics import Journal, Line, read
from loft.models.build import build
from loft.run import read as read_run
from loft.tickets.network.norms import ALL_NORMS, measure_norms
from tests import damage
from tests.conftest import ROOT
from tests.project import committed

MADE = ROOT / "results" / "digits"
RUN = read_run(ROOT / "params" / "digits.yaml")
DRAWN = 16  # damages of each step that are always tried
ALIKE = ("theorem1-figures", "soda-figures", "soda-compare", "diversity-figures")  # as tables
SLOW = {"figures": 6, "theorem1-figures": 5, "theorem1-report": 10}  # fewer of what takes long
PRETRAINED = ["unpruned/seed0", "dense/seed0", "loft-2/seed0", "gpipe-2/seed0", "gpipe-4/seed0"]
FINETUNED = [f"{cell}/seed0/finetune" for cell in ("dense", "loft-2", "gpipe-2", "scratch")]
OLD = b"what was here before"


@dataclass
class Step:
    """A step as it is called.

    Attributes:
        arguments: of the command line.
        inputs: files that it reads.
        outputs: files that it writes, which are there already.
    """

    arguments: list[object]
    inputs: list[Path]
    outputs: list[Path]
    content: dict[Path, bytes] = field(default_factory=dict)


def placed(source: Path, to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(committed(source), to)
    return to


def tickets_lines(folder: Path) -> list[Path]:
    """What some jobs of the published run measured, and the distances of their pretrainings."""
    source = MADE / "tickets" / "metrics"
    own = source / "preresnet18"
    paths = [
        placed(own / cell / "metrics.jsonl", folder / cell / "metrics.jsonl")
        for cell in (*PRETRAINED, *FINETUNED)
    ]
    kept = [
        line for line in read(source / "distances" / "seed0" / "metrics.jsonl") if _is_kept(line)
    ]
    paths.append(folder / "distances.jsonl")
    paths[-1].write_text("".join(f"{json.dumps(line)}\n" for line in kept), encoding="utf-8")
    return paths


def _is_kept(line: Line) -> bool:
    return line["kind"] == "job" or line["cell"] in ("unpruned", "dense", "loft-2", "gpipe-2")


def table(folder: Path) -> Step:
    lines, out = tickets_lines(folder / "lines"), folder / "out"
    given = ["--settings", RUN.table_job().dump(), "--metrics", *lines, "--out", out]
    names = ["table1.csv", "table1.md", "claims.csv", "summary.json"]
    given += ["--summary", out / "summary.json"]
    return Step(["table", *given], lines, [out / name for name in names])


def diary(folder: Path) -> Step:
    lines, database = tickets_lines(folder / "lines"), folder / "out" / "mlflow.db"
    given = ["--metrics", *lines, "--experiment", "test", "--database", database]
    journal = Journal({}, device="cpu")
    for line in read(lines[0])[1:]:
        journal.add(line["kind"], {"pid": 12, "peak_memory_bytes": 10**6})
    provenance.write(lines[0], journal.lines, journal.varying)
    return Step(["diary", *given], [*lines, provenance.beside(lines[0])], [database])


def distance(folder: Path) -> Step:
    """Two pretrainings whose norms are those of other starts after each epoch."""
    norms, lines = [], []
    for cell in ("unpruned/seed0", "loft-2/seed0"):
        source = MADE / "tickets" / "metrics" / "preresnet18" / cell / "metrics.jsonl"
        lines.append(placed(source, folder / cell / "metrics.jsonl"))
        about = read(source)[0]
        shape = {key: about[key] for key in ("channels", "size", "classes")}
        rows = [
            measure_norms(build(**about["model"], **shape, seed=seed).state_dict(), ALL_NORMS)
            for seed in range(about["epochs"] + 1)
        ]
        norms.append(folder / cell / "norms.safetensors")
        write_tensors(norms[-1], {key: torch.stack([row[key] for row in rows]) for key in rows[0]})
    out = folder / "out" / "distances.jsonl"
    given = ["--settings", RUN.distance.dump(), "--norms", *norms, "--pretrained", *lines]
    return Step(["distance", *given, "--metrics", out], [*norms, *lines], [out])


def figures(folder: Path) -> Step:
    """The published tables, but for most of the columns that no figure reads, and few pairs."""
    pairs, out = folder / "pairs.safetensors", folder / "out"
    between = {f"filters/{layer}": torch.ones(3, 3) for layer in ("stem.conv", "a.0", "a.1")}
    whose = {"model": "preresnet18", "dataset": "digits", "cell": "unpruned", "seed": 0}
    write_tensors(pairs, {**between, "masks": torch.ones(2, 2)}, json.dumps(whose))
    out.mkdir(parents=True)
    tables = [out / f"{name}.csv" for name in ("table1", "tickets", "distances")]
    for path in tables:
        read_from = pd.read_csv(MADE / "tickets" / path.name)
        unread = [name for name in read_from.columns if name.startswith(("layer", "paper", "s"))]
        kept = read_from.drop(columns=[name for name in unread if name not in ("seed", "snapshot")])
        kept.to_csv(path, index=False)
    given = ["--settings", RUN.figures_job().dump(), "--pairs", pairs, "--tables", out]
    drawn = ["figure1.svg", "figure4.svg", "figure5.png", "costs.svg"]
    return Step(["figures", *given], [pairs, *tables], [out / name for name in drawn])


def reporting(study: str, step: str, settings: str, names: list[str], made: list[str]) -> Any:
    """A step that makes something of lines of the published run."""

    def build_step(folder: Path) -> Step:
        source, out = MADE / study, folder / "out"
        lines = [
            placed(source / name / "metrics.jsonl", folder / name / "metrics.jsonl")
            for name in names
        ]
        given: list[object] = ["--metrics", *lines, "--out", out]
        given += ["--settings", settings] if settings else []
        return Step([step, *given], lines, [out / name for name in made])

    return build_step


def compare(folder: Path) -> Step:
    lofts = placed(MADE / "tickets" / "table1.csv", folder / "table1.csv")
    step: Step = reporting("soda", "soda-compare", SODA, SODA_LINES, [])(folder)
    step.arguments += ["--tickets", lofts]
    step.inputs.append(lofts)
    step.outputs.append(folder / "out" / "comparison.csv")
    return step


SODA = json.dumps(
    {
        "problems": [
            {"problem": "clusters", "stands_for": "madelon", "figures": [1, 2, 3]},
            {"problem": "sparse", "stands_for": None, "figures": []},
        ]
    }
)
SODA_LINES = ["clusters", "clusters/p1", "clusters/p0.1", "sparse", "sparse/processes"]
REPORT = json.dumps({"fit": {"confidence": 0.95, "resamples": 100}})
DIVERSITY = RUN.diversity_report().dump()
DIVERSITY_LINES = ["replication/logistic", "passes", "speedup/1", "speedup/2", "dropconnect"]
DIVERSITY_LINES = [f"metrics/{name}" for name in [*DIVERSITY_LINES, "statements"]]
ROUNDS = ["metrics/preresnet18/loft-2/seed0/updates"]
THEOREM1 = ["metrics/synthetic"]
STEPS: dict[str, Callable[[Path], Step]] = {
    "table": table,
    "diary": diary,
    "distance": distance,
    "figures": figures,
    "theorem1-report": reporting(
        "theorem1", "theorem1-report", REPORT, THEOREM1, ["cells.csv", "README.md"]
    ),
    "theorem1-figures": reporting(
        "theorem1", "theorem1-figures", REPORT, THEOREM1, ["figure-loss.svg"]
    ),
    "soda-tables": reporting(
        "soda", "soda-tables", SODA, SODA_LINES, ["table1.csv", "theorem.csv"]
    ),
    "soda-figures": reporting("soda", "soda-figures", SODA, SODA_LINES, ["figure1.svg"]),
    "soda-compare": compare,
    "diversity-tables": reporting(
        "diversity", "diversity-tables", DIVERSITY, DIVERSITY_LINES, ["passes.csv"]
    ),
    "diversity-figures": reporting(
        "diversity", "diversity-figures", DIVERSITY, DIVERSITY_LINES, ["figure1.svg"]
    ),
    "diversity-rounds": reporting("tickets", "diversity-rounds", "", ROUNDS, ["rounds.csv"]),
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes time and reads nothing: the pictures' pixels and MLflow's database."""
    monkeypatch.setattr(
        "matplotlib.figure.Figure.savefig", lambda _, to, **options: to.write(b"drawn")
    )
    monkeypatch.setattr(
        "loft.tickets.report.diary.fill", lambda path, *_: void(path.write_bytes(b"filled"))
    )


def void(_: object) -> None:
    pass


def damages(step: Step) -> Iterator[tuple[Path, damage.Damage]]:
    """Yield what can happen to a step's files; to every value of one file of each kind."""
    seen: set[str] = set()
    for path in step.inputs:
        content, kind = step.content[path], damage.to_any_file
        if path.suffix == ".csv":
            kind = damage.to_table
        elif path.suffix == ".jsonl":
            of = json.loads(content.splitlines()[0]).get("step", path.name)
            kind = damage.to_any_file if of in seen else damage.to_lines
            seen.add(of)
        for each in kind(content):
            yield path, each


def judged(step: Step, damaged: Path) -> str | None:
    """What is wrong with how a step ended, or None."""
    before = {path: path.read_bytes() for path in step.outputs}
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            status = main([str(argument) for argument in step.arguments])
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    text = said.getvalue()
    if status == 0:
        for path in step.outputs:
            path.write_bytes(OLD)
        return None if "Traceback" not in text else text
    (line, *more) = text.splitlines() or [""]
    if more or not line.startswith("loft: ") or status not in (1, 2) or len(line) > 1000:
        return f"status {status}: {text}"
    if damaged.name not in line and "--metrics: " not in line and "--settings: " not in line:
        return f"names no file: {line}"
    if {path: path.read_bytes() for path in step.outputs} != before:
        return f"half done: {line}"
    return None


def tried(name: str, folder: Path, most: int | None) -> tuple[int, list[str]]:
    """How many damages were tried, and what went wrong."""
    step = STEPS[name](folder)
    step.content = {path: path.read_bytes() for path in step.inputs}
    for path in step.outputs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(OLD)
    every = [*damages(step)]
    drawn = every if most is None else random.Random(name).sample(every, min(most, len(every)))
    wrong = []
    for path, (what, damaged_by) in drawn:
        damaged_by(path)
        fault = judged(step, path)
        damage.restore(path, step.content[path])
        if fault is not None:
            wrong.append(f"{path.relative_to(folder)}: {what}: {fault}")
    return len(drawn), wrong


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", STEPS)
def test_damaged_files_are_one_line(name: str, tmp_path: Path) -> None:
    drawn = SLOW.get(name, DRAWN)
    count, wrong = tried(name, tmp_path, drawn)
    assert count == drawn
    assert wrong == []


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", STEPS)
def test_every_damage_is_one_line(name: str, tmp_path: Path) -> None:
    most = 300 if name in ALIKE else None
    count, wrong = tried(name, tmp_path, most)
    assert count > 10 * DRAWN
    assert wrong == []
