"""What the rules share: the checked run, its folders, its closed sets, and each step's code."""

import os
import sys
from pathlib import Path

SOURCE = os.path.join(workflow.basedir, "src")
sys.path.insert(0, SOURCE)
os.environ.update(  # of jobs, which call `python`: the one that runs this, and our source
    PATH=os.pathsep.join([os.path.dirname(sys.executable), os.getenv("PATH", "")]),
    PYTHONPATH=os.pathsep.join(filter(None, [SOURCE, os.getenv("PYTHONPATH")])),
)

from snakemake.exceptions import WorkflowError

from loft import run
from loft.core.data.originals import manifest
from loft.core.errors import UserError
from loft.core.files.atomic import write_bytes
from loft.core.files.run_paths import RunPaths
from loft.core.files.step_code import code_files
from loft.core.processes import memory, parent
from loft.core.reporting.provenance import beside
from loft.core.settings.params_file import read_yaml
from loft.core.system import snakemake_messages, snakemake_records

parent.announce_launcher()
memory.tune_allocator()
snakemake_records.rerun_unrecorded()
snakemake_messages.name_failed_jobs(workflow)

try:
    # Snakemake's own reader would take the last of a key given twice.
    for given in workflow.configfiles:
        read_yaml(Path(given))
    RUN = run.check(config, "params")
except UserError as error:
    raise WorkflowError(str(error)) from None

PATHS = RunPaths(RUN.run)
LOGS = PATHS.logs
TARGETS = {}  # study -> what it makes; each study's rule files fill their own
HASHES = (
    "work/.hashes"  # remembers the content of the originals that data are made from
)
DRAWING = 500  # MB of a process that draws figures
DIARY = []  # what the jobs of all studies measured, metrics.jsonl files


def code(*names):
    """The modules that a step runs, so that editing one reruns the step."""
    return [f"src/{path}" for path in code_files(*names)]


def reported(items, folder, category):
    """The files of figures or tables; the first of each is in the report, with its caption."""
    paths = []
    for item in items:
        first, *others = item.files(folder)
        about = {"caption": caption(item), "labels": {"result": item.title}}
        paths += [report(first, category=category, **about), *others]
    return paths


def caption(item):
    """A file with a figure's or table's caption, as `report` wants it."""
    path = Path("work", "captions", f"{item.module}.rst")
    text = f"{item.caption}\n".encode()
    if not path.exists() or path.read_bytes() != text:
        write_bytes(path, text)
    return str(path.absolute())


def originals(settings, made):
    """Return the flag file that changes when the files listed in `made` change; [] for generated data.

    A snakemake that runs one job of another snakemake does not update it.
    """
    if not hasattr(settings, "data_dir"):
        return []
    flag = Path("work", Path(made).relative_to("results")).with_name("changed")
    if workflow.is_main_process or not flag.exists():
        manifest.flag_changes(Path(made), Path(settings.data_dir), flag, Path(HASHES))
    return str(flag)
