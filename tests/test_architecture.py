"""The project's own rules, held against its files."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from loft.core.data.augmentation import KINDS
from loft.core.data.sources import SOURCES
from loft.core.files.step_code import SCHEMAS, TABLES, code_files
from loft.core.reporting.registry import find
from loft.core.settings.lookup import load
from loft.models import NETWORKS
from loft.run import STUDIES as RUNS
from loft.theorem1.sources import SOURCES as PROBLEMS
from loft.tickets.methods import METHODS
from loft.tickets.network.criteria import CRITERIA
from tests.conftest import ROOT
from tests.unsafe import unsafe

SOURCE = ROOT / "src" / "loft"
STUDIES = ["tickets", "theorem1", "soda", "diversity"]
FILES = sorted(SOURCE.rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def importers(package: str) -> set[str]:
    return {
        path.relative_to(SOURCE).as_posix()
        for path in FILES
        if any(name == package or name.startswith(f"{package}.") for name in imports(path))
    }


@pytest.mark.parametrize("study", STUDIES)
def test_the_shared_core_and_other_studies_do_not_import_a_study(study: str) -> None:
    allowed = {"cli/__init__.py", f"cli/{study}.py"}  # `run.py` names them as text
    outside = {p for p in importers(f"loft.{study}") if not p.startswith(f"{study}/")}
    assert outside <= allowed


def test_the_studies_settings_share_no_names() -> None:
    """A run's settings are made of all of them, and one's function would hide another's."""
    every = [
        name
        for address in RUNS.values()
        for name in vars(load(address))
        if not name.startswith("__") and name not in ("model_config", "_abc_impl")
    ]
    assert len(every) == len({*every}), sorted(every)


def test_each_tool_has_one_door() -> None:
    assert importers("mlflow") == {"core/reporting/tracking.py"}
    assert importers("safetensors") == {"core/files/checkpoint.py"}
    assert importers("matplotlib") == {"core/reporting/figure_style.py"}
    assert importers("dvc") | importers("dvc_data") == {"core/artifacts/store.py"}
    carriers = importers("torch.distributed")
    core = {"core/processes/counted_pipeline.py", "core/processes/workers.py"}
    assert carriers == {*core, "tickets/methods/gpipe.py"}  # GPipe: torch's schedule alone


@pytest.mark.parametrize("folder", ["src", "benchmarks", "docs"])
def test_nothing_is_unpickled_and_no_archive_leaves_its_folder(folder: str) -> None:
    """But CIFAR's files, by torchvision's reader after it has checked their MD5."""
    found = {
        path.relative_to(ROOT).as_posix(): faults
        for path in (ROOT / folder).rglob("*.py")
        if (faults := unsafe(path.read_text(encoding="utf-8")))
    }
    cifar = found.pop("src/loft/core/data/sources/cifar.py", [])
    assert {fault.partition(": ")[2] for fault in cifar} <= {
        "import torchvision.datasets",
        "import torchvision.datasets.CIFAR10",  # for its type
    }
    assert found == {}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import torch\ntorch.load(path)", "2: torch.load"),
        ("import torch\ntorch.load(path, weights_only=True)", "2: torch.load"),
        ("import torch as t\nread = t.load", "2: torch.load"),
        ("from torch import load as read\nread(path)", "2: torch.load"),
        ("import torch.jit\ntorch.jit.load(path)", "2: torch.jit.load"),
        ("import pickle", "1: import pickle"),
        ("from pickle import loads", "1: import pickle.loads"),
        ("def f():\n    import joblib", "2: import joblib"),
        ("import marshal, shelve", "1: import marshal"),
        ("import numpy as np\nnp.load(path)", "2: numpy.load without allow_pickle=False"),
        ("from numpy import load\nload(p, allow_pickle=True)", "2: numpy.load without"),
        ("import numpy\nnumpy.load(p, allow_pickle=trusted)", "2: numpy.load without"),
        ("import yaml\nyaml.load(text, Loader=yaml.SafeLoader)", "2: yaml.load"),
        ("from yaml import unsafe_load", ""),
        ("from yaml import unsafe_load as f\nf(text)", "2: yaml.unsafe_load"),
        ("import pandas as pd\npd.read_pickle(path)", "2: pandas.read_pickle"),
        ("archive.extractall(folder)", "1: extractall without filter='data'"),
        ("archive.extractall(folder, filter='fully_trusted')", "1: extractall without"),
        ("archive.extract(member, folder)", "1: extract without filter='data'"),
        ("import shutil\nshutil.unpack_archive(path)", "2: shutil.unpack_archive"),
        ("from torchvision.datasets import MNIST", "1: import torchvision.datasets.MNIST"),
        ("from torchvision import datasets", "1: import torchvision.datasets"),
        ("eval(text)", "1: eval"),
        ("archive.extractall(folder, filter='data')", ""),
        ("import numpy as np\nnp.load(path, allow_pickle=False)", ""),
        ("import yaml\nyaml.safe_load(text)", ""),
        ("import json\njson.load(file)", ""),
        ("from torchvision.datasets.folder import find_classes", ""),
        ("model.eval()", ""),
    ],
)
def test_the_rule_knows_what_unpickles(source: str, expected: str) -> None:
    assert " ".join(unsafe(source)).startswith(expected)
    assert bool(unsafe(source)) == bool(expected)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or not path.read_text()


LOADED = [  # what a job loads beside its stage, from tables
    *(source.prepare for source in SOURCES.values()),
    *(kind.data for kind in KINDS.values()),
    *(network.make for network in NETWORKS.values()),
    *METHODS.values(),
    *CRITERIA.values(),
    *PROBLEMS.values(),
]


THEOREM1 = [f"loft.theorem1.{step}" for step in ("train", "make_tables", "draw_figures")]
REPORTS = ["loft.tickets.report", "loft.theorem1", "loft.soda", "loft.diversity"]
ITEMS = [
    item.module for of in REPORTS for kind in ("figures", "tables") for item in find(f"{of}.{kind}")
]


def steps(study: str) -> list[str]:
    return [
        f"loft.{study}.steps.{path.stem}" for path in (SOURCE / study / "steps").glob("[a-z]*.py")
    ]


TICKETS = [
    f"loft.tickets.{step}"
    for step in (
        "pretraining.pretrain",
        "pretraining.worker_changes",
        "pruning.prune",
        "pruning.distance",
        "finetuning.finetune",
        "report.comm",
        "planning.plan",
        "report.make_tables",
        "report.draw_figures",
        "report.diary",
        "run.check",
    )
]
STEPS = [*TICKETS, *LOADED, *THEOREM1, *steps("soda"), *steps("diversity"), *ITEMS]
IMPORTER = """
import importlib, os, sys
import matplotlib, pandas, seaborn, torch
for name in sys.argv[1:]:
    if not os.fork():  # each starts without any of the project's modules
        importlib.import_module(name.partition(":")[0])
        own = [m.__file__ for n, m in sys.modules.items() if n.startswith("loft")]
        print(name, *own, flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.fixture(scope="session")
def loaded() -> dict[str, set[str]]:
    """The project's files that each step loads."""
    printed = subprocess.run(
        [sys.executable, "-c", IMPORTER, *STEPS],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    lines = [line.split() for line in printed.stdout.splitlines()]
    return {
        name: {
            Path(file).relative_to(SOURCE.parent).as_posix()
            for file in files
            if Path(file).read_text(encoding="utf-8").count("\n") > 1  # a docstring is no code
        }
        for name, *files in lines
    }


@pytest.mark.parametrize("name", STEPS)
def test_a_steps_code_is_what_it_loads(name: str, loaded: dict[str, set[str]]) -> None:
    """So that editing a module reruns the steps that use it, and no others."""
    tables = {f"{table.replace('.', '/')}/__init__.py" for table in TABLES}
    found = {file for file in loaded[name] - tables if Path(file).stem not in SCHEMAS}
    code = {*code_files(name)}
    if name in METHODS.values():
        assert found <= code  # the rest it loads when it trains
    else:  # schemas have the keys of all methods
        assert code <= found <= code | {*code_files(*METHODS.values())}


def test_what_tables_name_by_text_is_not_followed() -> None:
    """So that editing one method, network or data set leaves what others made."""
    pretraining = {*code_files("loft.tickets.pretraining.pretrain")}
    for name in LOADED:
        assert f"{name.partition(':')[0].replace('.', '/')}.py" not in pretraining


def test_help_and_checking_are_light() -> None:
    script = (
        "import sys, loft.cli, loft.run; from pathlib import Path;"
        "loft.run.read(Path('params/imagenet.yaml'));"
        "print(*[m for m in sys.modules if m in {'torch', 'mlflow', 'pandas', 'matplotlib'}])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert printed.stdout.strip() == ""


def test_figures_need_no_torch_and_tables_none_of_its_compiler() -> None:
    """Importing these took most of the time of a run's last steps."""
    script = (
        "import sys, torch, loft.tickets.report.make_tables;"
        "from loft.tickets.report.items import MEASURED;"
        "[item.load('make') for item in MEASURED];"
        "from loft.models.build import build;"
        "from loft.tickets.methods.pipeline_stages import boundaries, stage_layers;"
        "network = build('preresnet18', 4, channels=3, size=8, classes=2);"
        "print(*(x.shape for x in boundaries(network, stage_layers(network, 4), 5, (3, 8, 8))));"
        "print(*[m for m in sys.modules if m in {'torch._dynamo', 'sympy', 'scipy.stats'}])"
    )
    figures = (
        "import sys, loft.tickets.report.draw_figures;"
        "from loft.tickets.report.items import FIGURES;"
        "[item.load('draw') for item in FIGURES];"
        "print('torch' in sys.modules)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", text], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout.splitlines()
        for text in (script, figures)
    ]
    assert [line.count("torch.Size([5, ") for line in said[0]] == [5, 0]
    assert said[0][1:] == [""]
    assert said[1] == ["False"]


def test_the_documents_show_the_committed_tables() -> None:
    command = [sys.executable, "docs/fill_tables.py", "--check"]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 0


DOCUMENTS = ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "docs/extending.md"])
def test_every_path_that_a_document_names_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|params|workflow|profiles|tests|docs|results)/[\w./-]*)`", text)
    named += re.findall(r"\]\(([\w./-]+)\)", text)
    assert named or name == "docs/params.md"
    places = [ROOT, (ROOT / name).parent]  # paths from the root, links from the document
    assert [path for path in named if not any((at / path).exists() for at in places)] == []
