"""`snakemake --lint` as a gate: one environment for all rules is our choice, all else counts."""

import subprocess
import sys
from pathlib import Path

ACCEPTED = "Specify a conda environment or container for each rule."


def findings(report: str) -> list[str]:
    """Return what the linter says, less what we chose, as "where: finding".

    Raises:
        ValueError: the report has no findings at all, so that it is none.
    """
    where, every = "", []
    for line in report.splitlines():
        if line.startswith("Lints for "):
            where = line.removeprefix("Lints for ").rstrip(":")
        elif line.startswith("    * "):
            every.append((where, line.removeprefix("    * ").rstrip(":")))
    if not every:
        raise ValueError(f"not a linter's report:\n{report}")
    return [f"{where}: {title}" for where, title in every if title != ACCEPTED]


def main() -> int:
    """Lint the workflow; print what was found."""
    snakemake = Path(sys.executable).with_name("snakemake")
    result = subprocess.run([snakemake, "--lint"], capture_output=True, text=True, check=False)
    found = findings(result.stdout + result.stderr)
    print("\n".join(found) or "workflow: no findings")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
