"""The study of gradient diversity: trainings on replicated data, the paper's statements, reports."""

from loft.core.kinds import KINDS
from loft.diversity.models import addresses

DIVERSITY = f"{ROOT}/diversity"
DIVERSITY_STAGES = "loft.diversity.stages"
OBJECTIVES = {own.model.name: own for own in RUN.diversity.replication}
DIVERSITY_LINES = [
    *expand(
        f"{DIVERSITY}/metrics/replication/{{objective}}/metrics.jsonl",
        objective=OBJECTIVES,
    ),
    f"{DIVERSITY}/metrics/statements/metrics.jsonl",
]
DIVERSITY_TABLES = ["steps", "diversity", "statements", "stability"]


rule diversity_replication:
    """Figure 3 for a model: large and small batches on replicated data, steps tuned."""
    input:
        images=IMAGES,
        code=lambda wildcards: code(
            f"{DIVERSITY_STAGES}.replication",
            KINDS[RUN.data.kind].data,
            *addresses(wildcards.objective),
        ),
    output:
        metrics=f"{DIVERSITY}/metrics/replication/{{objective}}/metrics.jsonl",
    log:
        f"{LOGS}/diversity-replication-{{objective}}.log",
    benchmark:
        f"{LOGS}/diversity-replication-{{objective}}.tsv"
    wildcard_constraints:
        objective="|".join(OBJECTIVES),
    priority: 10
    threads: lambda wildcards: OBJECTIVES[wildcards.objective].threads
    params:
        settings=lambda wildcards: RUN.replication_job(wildcards.objective).dump(),
    shell:
        "python -m loft diversity-replication --settings {params.settings:q}"
        " --data {input.images:q} --metrics {output.metrics:q} 2>&1 | tee {log:q}"


rule diversity_statements:
    """The paper's statements on problems with known constants."""
    input:
        code=code(f"{DIVERSITY_STAGES}.statements"),
    output:
        metrics=f"{DIVERSITY}/metrics/statements/metrics.jsonl",
    log:
        f"{LOGS}/diversity-statements.log",
    benchmark:
        f"{LOGS}/diversity-statements.tsv"
    params:
        settings=RUN.statements_job().dump(),
    shell:
        "OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m loft diversity-statements"
        " --settings {params.settings:q} --metrics {output.metrics:q} 2>&1 | tee {log:q}"


rule diversity_tables:
    """Intervals and findings of everything that was measured."""
    input:
        metrics=DIVERSITY_LINES,
        code=code(f"{DIVERSITY_STAGES}.tables"),
    output:
        replication=report(
            f"{DIVERSITY}/replication.csv",
            category="Gradient diversity",
            caption="../report/diversity-figure3.rst",
            labels={"result": "Replication"},
        ),
        tables=report(
            expand(f"{DIVERSITY}/{{name}}.csv", name=DIVERSITY_TABLES),
            category="Gradient diversity",
            caption="../report/diversity-tables.rst",
            labels={"result": "Statements, and behind the figures"},
        ),
    log:
        f"{LOGS}/diversity-tables.log",
    params:
        settings=RUN.diversity_report().dump(),
        folder=subpath(output.replication, parent=True),
    shell:
        "python -m loft diversity-tables --settings {params.settings:q}"
        " --metrics {input.metrics:q} --out {params.folder:q} 2>&1 | tee {log:q}"


rule diversity_figures:
    """Draw the paper's figures; beside the tables, not after them."""
    input:
        metrics=DIVERSITY_LINES,
        code=code(f"{DIVERSITY_STAGES}.figures"),
    output:
        figure3=report(
            f"{DIVERSITY}/figure3.svg",
            category="Gradient diversity",
            caption="../report/diversity-figure3.rst",
            labels={"result": "Figure 3"},
        ),
        bitmap=f"{DIVERSITY}/figure3.png",
    log:
        f"{LOGS}/diversity-figures.log",
    priority: 5
    params:
        settings=RUN.diversity_report().dump(),
        folder=subpath(output.figure3, parent=True),
    shell:
        "python -m loft diversity-figures --settings {params.settings:q}"
        " --metrics {input.metrics:q} --out {params.folder:q} 2>&1 | tee {log:q}"


TARGETS["diversity"] = [
    *rules.diversity_tables.output,
    *rules.diversity_figures.output,
]


rule diversity:
    """Gradient diversity: tables and figures."""
    input:
        TARGETS["diversity"],
