"""Find what storage needs of a run: its params file, its results and its `.dvc` files."""

from pathlib import Path

from loft.core.errors import UserError
from loft.core.files.run_paths import results_folder
from loft.core.settings.params_file import read_yaml

STAGE = Path("dvc.yaml")
RECORDS_FOLDER = "record"  # folder in a run's results with a copy of its Snakemake records


def default_run() -> str:
    """Return the name of the default run. Raises UserError outside the project's folder."""
    if not STAGE.exists():
        raise UserError(f"no {STAGE} here; go to the project's folder first")
    (name,) = read_yaml(STAGE)["stages"]
    return str(name)


def params_file(run: str) -> Path:
    """Return the params file of a run. Raises UserError where no file has that run name."""
    names = {read_yaml(path).get("run"): path for path in sorted(Path("params").glob("*.yaml"))}
    if run not in names:
        raise UserError(f"--run: found '{run}'; expected one of {', '.join(map(str, names))}")
    return names[run]


def dvc_files(run: str) -> list[Path]:
    """Return the `.dvc` files of a run other than the default one."""
    return sorted(results_folder(run).rglob("*.dvc"))
