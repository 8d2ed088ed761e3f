"""Lint the workflow: `snakemake --lint` as a gate, and what every rule has to say of itself.

One environment for all rules is our choice; everything else that the linter finds counts. Every
rule that runs a step has a log, a benchmark, `mem_mb` and `runtime`, and `gpu` where it may use
one. Its docstring names its inputs, except for the step's code, and its outputs.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ACCEPTED = "Specify a conda environment or container for each rule."
ON_GPUS = {"pretrain", "measured", "unpruned", "updates", "finetune"}


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


def lacking(rules: Iterable[Any]) -> Iterator[str]:
    """Yield what Snakemake's rules lack, as "rule NAME: finding"."""
    for rule in rules:
        yield from (f"rule {rule.name}: {fault}" for fault in _lacking(rule))


def _lacking(rule: Any) -> Iterator[str]:
    if not rule.docstring:
        yield "no docstring"
    if rule.shellcmd is None:  # a target, which runs nothing
        return
    if not rule.log:
        yield "no log"
    if not rule.benchmark:
        yield "no benchmark"
    wanted = {"mem_mb", "runtime", *(["gpu"] if rule.name in ON_GPUS else [])}
    for name in sorted(wanted - {*rule.resources.keys()}):
        yield f"no resource {name}"
    words = {*re.findall(r"\w+", rule.docstring or "")}
    for name in dict.fromkeys([*rule.input.keys(), *rule.output.keys()]):
        if name != "code" and name not in words:
            yield f"its docstring does not name {name}"


def read_rules() -> list[Any]:
    """Return the rules of the default run, which has all studies, as Snakemake reads them."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

    with SnakemakeApi(OutputSettings()) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(),
            config_settings=ConfigSettings(),
            snakefile=Path("Snakefile"),
        )
        return [*workflow._workflow.rules]


def main() -> int:
    """Lint the workflow; print what was found."""
    snakemake = Path(sys.executable).with_name("snakemake")
    result = subprocess.run([snakemake, "--lint"], capture_output=True, text=True, check=False)
    found = [*findings(result.stdout + result.stderr), *lacking(read_rules())]
    print("\n".join(found) or "workflow: no findings")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
