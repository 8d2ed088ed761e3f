"""Fill the diary, MLflow's database, from the lines of jobs. Nothing reads it back.

The database is made anew each time, so filling it twice changes nothing, and no two processes
ever write to it at once. This is the only importer of mlflow.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from loft.core.errors import JobError
from loft.core.files.atomic import temporary_name, writing
from loft.core.reporting.metrics import Line

BATCH = 1000  # metrics in a call, MLflow's limit
SHOWN = 300  # characters of what MLflow says


@dataclass
class Entry:
    """A run as MLflow calls it: one job.

    Attributes:
        name: unique among the entries; the run's name.
        began: ISO 8601 date, or None where it is not known.
        tags, parameters: texts by name.
        metrics: (name, value, step).
    """

    name: str
    began: str | None
    tags: dict[str, str]
    parameters: dict[str, str]
    metrics: list[tuple[str, float, int]] = field(default_factory=list)


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested settings as texts by dotted name."""
    flat: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat


def numbers(line: Line, names: Iterable[str]) -> list[tuple[str, float]]:
    """Return the measured values of a line."""
    return [(name, float(line[name])) for name in names if line.get(name) is not None]


def fill(database: Path, experiment: str, entries: Iterable[Entry]) -> None:
    """Write a database that holds exactly `entries`, in place of whatever was there.

    Raises:
        JobError: it cannot be written, or MLflow refuses an entry.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from mlflow.exceptions import MlflowException

    try:
        with writing(database):
            _fill(database, experiment, entries)
    except MlflowException as error:
        text = " ".join(str(error).split())
        raise JobError(f"{database}: MLflow refuses an entry: {text[:SHOWN]}") from None


def _fill(database: Path, experiment: str, entries: Iterable[Entry]) -> None:
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param, RunTag

    folder = temporary_name(database)
    shutil.rmtree(folder, ignore_errors=True)  # of a process of the same number
    folder.mkdir()
    try:
        # MLflow keeps one store per address in a process, so every address is new.
        fresh = Path(mkdtemp(dir=folder)) / database.name
        client = MlflowClient(f"sqlite:///{fresh}")
        identifier = client.create_experiment(
            experiment,
            artifact_location="mlflow-artifacts:/",
            tags={"mlflow.experimentKind": "custom_model_development"},  # the UI shows runs first
        )
        for entry in entries:
            date = datetime.fromisoformat(entry.began) if entry.began else datetime.now()
            began = int(date.timestamp() * 1000)
            run = client.create_run(identifier, start_time=began, run_name=entry.name)
            client.log_batch(
                run.info.run_id,
                params=[Param(name, text) for name, text in entry.parameters.items()],
                tags=[RunTag(name, text) for name, text in entry.tags.items()],
            )
            metrics = [Metric(name, value, began, step) for name, value, step in entry.metrics]
            for start in range(0, len(metrics), BATCH):
                client.log_batch(run.info.run_id, metrics=metrics[start : start + BATCH])
            client.set_terminated(run.info.run_id, end_time=began)
        fresh.replace(database)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
