"""Graphs unlike the paper's, each to its end: other workers, methods, seeds and controls."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write_params
from tests.project import snakemake
from tests.test_workflow import check_tables, rows

CONTROLS = ["random", "scratch"]
FAILED = re.compile(r"Job failed: (.+); what it said is in (\S+)")
FIGURES = ("figure1", "figure1-layers", "figure4", "figure5", "norms", "costs")

# Name -> workers of each method but dense, which every run has; number of seeds; controls.
GRAPHS: dict[str, tuple[dict[str, list[int]], int, list[str]]] = {
    "loft-3": ({"loft": [3]}, 1, []),
    "loft-1-2": ({"loft": [1, 2]}, 1, CONTROLS),
    "loft-local-sgd-1-3-8": ({"loft": [1, 3, 8], "local_sgd": [1, 3, 8]}, 1, []),
    "seeds": ({"loft": [2]}, 2, []),
    "seeds-controls": ({"gpipe": [2]}, 2, CONTROLS),
    "dense-alone": ({}, 1, []),
    "local-sgd-alone": ({"local_sgd": [2]}, 1, ["random"]),
    "no-loft": ({"gpipe": [2, 4]}, 1, []),
}


def why(folder: Path, done: "subprocess.CompletedProcess[str]") -> str:
    """Say in a line which job failed, and the last that it said."""
    found = FAILED.search(done.stderr)
    if found is None:
        return (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    said = (folder / found[2]).read_text(encoding="utf-8").strip().splitlines()
    return f"{found[1]}: {said[-1] if said else 'it said nothing'}"


@pytest.mark.slow
@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_goes_to_its_end(project: Path, tiny: dict[str, Any], name: str) -> None:
    workers, seeds, controls = GRAPHS[name]
    own = {method: {**tiny["methods"][method], "workers": workers[method]} for method in workers}
    cells = [f"{method}-{count}" for method in own for count in workers[method] if count > 1]
    tiny["methods"] = {"dense": {"workers": [1]}, **own}
    tiny["finetune"]["early"]["cells"] = cells[:1]
    tiny.update(run=name, seeds=[*range(seeds)], controls=controls)
    params = write_params(project / "params" / f"{name}.yaml", tiny)
    given = ["all", "diary", "--cores", "2", "--configfile", str(params)]
    done = snakemake(project, *given)
    if done.returncode != 0:
        pytest.fail(f"{name}: {why(project, done)}", pytrace=False)

    made = project / "results" / name
    table = rows(made / "tickets" / "table1.csv")
    asked = {("dense", "1"), *((control, "1") for control in controls)}
    asked |= {(method, str(count)) for method in own for count in workers[method]}
    assert {(row["method"], row["workers"]) for row in table} == asked
    assert {row["seeds"] for row in table} == {str(seeds)}
    for figure in FIGURES:
        assert (made / "tickets" / f"{figure}.svg").stat().st_size > 0
    check_tables(made)
    again = snakemake(project, *given, "-n")
    assert "Nothing to be done" in again.stdout + again.stderr
