"""Summarise the provenance of a run in `results/<run>/provenance.json`, for its report.

It is made from the provenance of the jobs (see `provenance`) and is committed once, when the run is
published.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loft.core.errors import UserError
from loft.core.files.atomic import read_bytes, write_bytes
from loft.core.files.run_paths import LINES
from loft.core.reporting.joined_lines import read_joined
from loft.core.reporting.metrics import Line

NAME = "provenance.json"
COPIES = "published"  # folder of copies of what varies and is published, among a run's results
LOCK = Path("requirements.lock")
NAMED = {"commits": "commit", "torch": "torch", "processors": "processor", "gpus": "gpu"}


def publish(results: Path) -> bool:
    """Write the summary of a run's provenance; return whether any provenance is known here.

    Where none is known, as on a fresh clone, an existing summary stays.

    Args:
        results: the run's folder.

    Raises:
        UserError: lines or provenance are damaged.
    """
    paths = [path for path in results.rglob(LINES) if COPIES not in path.parts]
    jobs = [read_joined(path) for path in sorted(paths)]
    if not any("date" in job[0] for job in jobs):
        return False
    found = {"run": results.name, "lock": _lock(), **summary(jobs)}
    write_bytes(results / NAME, (json.dumps(found, indent=1) + "\n").encode())
    return True


def summary(jobs: Iterable[list[Line]]) -> dict[str, Any]:
    """Return the provenance of all jobs together, and by step.

    `seconds` are those of jobs from start to end, added up; `peak_memory_bytes` the largest of any
    process.

    Args:
        jobs: lines with their provenance.
    """
    jobs = [*jobs]
    known = [job for job in jobs if "date" in job[0]]
    steps: dict[str, dict[str, Any]] = {}
    for job in jobs:
        step = {"jobs": 0, "known": 0, "seconds": 0.0, "peak_memory_bytes": None}
        own = steps.setdefault(job[0]["step"], step)
        own["jobs"] += 1
        if "date" in job[0]:
            own["known"] += 1
            own["seconds"] = round(own["seconds"] + job[-1].get("seconds", 0.0), 3)
            peaks = [line["peak_memory_bytes"] for line in job if line.get("peak_memory_bytes")]
            own["peak_memory_bytes"] = max([own["peak_memory_bytes"] or 0, *peaks]) or None
    dates = sorted(job[0]["date"] for job in known)
    return {
        **{
            name: sorted({job[0][key] for job in known if job[0].get(key)})
            for name, key in NAMED.items()
        },
        "first_job_began": dates[0],
        "last_job_began": dates[-1],
        "steps": dict(sorted(steps.items())),
    }


def commits(results: Path) -> list[str]:
    """Return the known commits of a run's published lines."""
    path = results / NAME
    if not path.exists():
        return []
    try:
        return [str(commit) for commit in json.loads(read_bytes(path))["commits"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError(f"{path}: damaged; expected what `loft provenance` writes") from None


def _lock() -> str | None:
    """Return the SHA-256 of the file that pins every package, or None where it is not here."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest() if LOCK.exists() else None
