"""What the rules share: the checked run, its folders, its closed sets, and each step's code."""

import os
import sys

SOURCE = os.path.join(workflow.basedir, "src")
sys.path.insert(0, SOURCE)
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [SOURCE, os.getenv("PYTHONPATH")]))
)

from snakemake.exceptions import WorkflowError

from loft.core.config import DataJob, validate
from loft.core.errors import UserError
from loft.modules import MODULES
from loft.tickets.config import Run
from loft.tickets.jobs import UNPRUNED, Cell

try:
    RUN = validate(Run, config, "params")
except UserError as error:
    raise WorkflowError(str(error)) from None

ROOT = f"results/{RUN.run}"
LOGS = f"logs/{RUN.run}"
IMAGES = f"{ROOT}/data/images.safetensors"
TARGETS = {}  # study -> what it makes; each study's rule files fill their own


wildcard_constraints:
    model="|".join(model.name for model in RUN.models),
    cell="|".join([*(cell.name for cell in RUN.cells), *RUN.controls]),
    seed="|".join(str(seed) for seed in RUN.seeds),
    epoch="|".join(str(epoch) for epoch in RUN.snapshots),


def code(*parts):
    """The modules that a step runs, so that editing one reruns the step."""
    return sorted({f"src/loft/{module}" for part in parts for module in MODULES[part]})


def processes(wildcards):
    """Cores that a pretraining keeps busy."""
    return Cell.parse(wildcards.cell).workers * (RUN.compute.threads + RUN.data.loaders)


def tickets(wildcards):
    """The tickets of a pretraining that are fine-tuned."""
    return [
        path.format(**wildcards)
        for name in RUN.tickets(wildcards.cell)
        for path in expand(
            TICKET,
            epoch=name.snapshot,
            ratio=f"{name.ratio:g}",
            part=PARTS,
            allow_missing=True,
        )
    ]
