"""The study of gradient diversity: trainings on replicated data, the paper's statements, reports."""

from loft.core.data.augmentation import KINDS
from loft.diversity import items as diversity_items
from loft.diversity import paths as diversity_paths
from loft.diversity.models import addresses

DIVERSITY = diversity_paths.Paths(PATHS.results)
DIVERSITY_STEPS = "loft.diversity.steps"
OBJECTIVES = {own.model.name: own for own in RUN.diversity.replication}
ONE_PROCESS = 4000 + 4 * RUN.diversity.memory  # MB
DIVERSITY_LINES = DIVERSITY.all_lines(RUN.diversity)
OF_ROUNDS = [*diversity_items.ROUNDS_TABLES, *diversity_items.ROUNDS_FIGURES]
PIXELS = KINDS[RUN.data.kind].data


rule diversity_replication:
    """Figure 3 for a model: large and small batches on replicated data, steps tuned.

    Reads images; writes metrics.
    """
    input:
        images=PATHS.images,
        code=lambda wildcards: code(
            f"{DIVERSITY_STEPS}.replication", PIXELS, *addresses(wildcards.objective)
        ),
    output:
        metrics=DIVERSITY.replication(),
    log:
        text=f"{LOGS}/diversity-replication-{{objective}}.log",
        provenance=beside(DIVERSITY.replication()),  # what varies
    benchmark:
        f"{LOGS}/diversity-replication-{{objective}}.tsv"
    wildcard_constraints:
        objective="|".join(OBJECTIVES),
    priority: 10
    threads: lambda wildcards: OBJECTIVES[wildcards.objective].threads
    resources:
        mem_mb=ONE_PROCESS,
        runtime=1440,
    params:
        settings=lambda wildcards: RUN.replication_job(wildcards.objective).dump(),
    shell:
        "python -m loft diversity-replication --settings {params.settings:q}"
        " --data {input.images:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule diversity_passes:
    """Figure 2: passes to an accuracy, for each batch size.

    Reads images; writes metrics.
    """
    input:
        images=PATHS.images,
        code=code(
            f"{DIVERSITY_STEPS}.passes",
            PIXELS,
            *addresses(RUN.diversity.passes.model.name),
        ),
    output:
        metrics=DIVERSITY.passes,
    log:
        text=f"{LOGS}/diversity-passes.log",
        provenance=beside(DIVERSITY.passes),  # what varies
    benchmark:
        f"{LOGS}/diversity-passes.tsv"
    priority: 10
    threads: RUN.diversity.passes.threads
    resources:
        mem_mb=ONE_PROCESS,
        runtime=1440,
    params:
        settings=RUN.passes_job().dump(),
    shell:
        "python -m loft diversity-passes --settings {params.settings:q}"
        " --data {input.images:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule diversity_speedup:
    """Figure 1: a pass over the data in real worker processes.

    Reads images; writes metrics.
    """
    input:
        images=PATHS.images,
        code=code(
            f"{DIVERSITY_STEPS}.speedup",
            PIXELS,
            *addresses(RUN.diversity.speedup.model.name),
        ),
    output:
        metrics=DIVERSITY.speedup(),
    log:
        text=f"{LOGS}/diversity-speedup-{{processes}}.log",
        provenance=beside(DIVERSITY.speedup()),  # what varies
    benchmark:
        f"{LOGS}/diversity-speedup-{{processes}}.tsv"
    wildcard_constraints:
        processes=r"\d+",
    threads: lambda wildcards: int(wildcards.processes)
    resources:
        mem_mb=lambda wildcards: ONE_PROCESS * int(wildcards.processes),
        runtime=240,
    params:
        settings=lambda wildcards: RUN.speedup_job(int(wildcards.processes)).dump(),
    shell:
        "python -m loft diversity-speedup --settings {params.settings:q}"
        " --data {input.images:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule diversity_dropconnect:
    """DropConnect with two worker processes: time to an accuracy, for each batch size.

    Reads images; writes metrics.
    """
    input:
        images=PATHS.images,
        code=code(
            f"{DIVERSITY_STEPS}.dropconnect",
            PIXELS,
            *addresses(RUN.diversity.dropconnect.model.name),
        ),
    output:
        metrics=DIVERSITY.dropconnect,
    log:
        text=f"{LOGS}/diversity-dropconnect.log",
        provenance=beside(DIVERSITY.dropconnect),  # what varies
    benchmark:
        f"{LOGS}/diversity-dropconnect.tsv"
    priority: 20
    threads: 2 * RUN.diversity.dropconnect.threads
    resources:
        mem_mb=2 * ONE_PROCESS,
        runtime=1440,
    params:
        settings=RUN.dropconnect_job().dump(),
    shell:
        "python -m loft diversity-dropconnect --settings {params.settings:q}"
        " --data {input.images:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule diversity_statements:
    """The paper's statements on problems with known constants.

    Reads nothing; writes metrics.
    """
    input:
        code=code(f"{DIVERSITY_STEPS}.statements"),
    output:
        metrics=DIVERSITY.statements,
    log:
        text=f"{LOGS}/diversity-statements.log",
        provenance=beside(DIVERSITY.statements),  # what varies
    benchmark:
        f"{LOGS}/diversity-statements.tsv"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        settings=RUN.statements_job().dump(),
    shell:
        "OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m loft diversity-statements"
        " --settings {params.settings:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule diversity_tables:
    """Make the tables: replication, passes, speed-up, findings of everything that was measured.

    Reads metrics; writes tables.
    """
    input:
        metrics=DIVERSITY_LINES,
        code=code(
            f"{DIVERSITY_STEPS}.tables",
            *(table.module for table in diversity_items.TABLES),
        ),
    output:
        tables=reported(diversity_items.TABLES, DIVERSITY.folder, "Gradient diversity"),
    log:
        f"{LOGS}/diversity-tables.log",
    benchmark:
        f"{LOGS}/diversity-tables.tsv"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        settings=RUN.diversity_report().dump(),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m loft diversity-tables --settings {params.settings:q}"
        " --metrics {input.metrics:q} --out {params.folder:q} 2>&1 | tee {log:q}"


rule diversity_figures:
    """Draw the paper's figures; beside the tables, not after them.

    Reads metrics; writes figures.
    """
    input:
        metrics=DIVERSITY_LINES,
        code=code(
            f"{DIVERSITY_STEPS}.figures",
            *(
                item.module
                for item in [*diversity_items.FIGURES, *diversity_items.TABLES]
            ),
        ),
    output:
        figures=reported(
            diversity_items.FIGURES, DIVERSITY.folder, "Gradient diversity"
        ),
    log:
        f"{LOGS}/diversity-figures.log",
    benchmark:
        f"{LOGS}/diversity-figures.tsv"
    priority: 5
    threads: len(diversity_items.FIGURES)
    resources:
        mem_mb=DRAWING * (1 + len(diversity_items.FIGURES)),
        runtime=30,
    params:
        settings=RUN.diversity_report().dump(),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m loft diversity-figures --settings {params.settings:q}"
        " --metrics {input.metrics:q} --out {params.folder:q} --processes {threads} 2>&1 | tee {log:q}"


DIVERSITY_MADE = [*rules.diversity_tables.output, *rules.diversity_figures.output]
TARGETS["diversity"] = [*DIVERSITY_MADE]


rule diversity:
    """Gradient diversity: tables and figures, but for what waits for this run's pretrainings."""
    input:
        DIVERSITY_MADE,


if "tickets" in RUN.studies and FILES.updates:

    rule diversity_rounds:
        """Diversity among workers' samples and between their changes, along pretraining.

        Reads metrics of pretrainings; all that is made is tables and figures.
        """
        input:
            metrics=FILES.updates,
            code=code(f"{DIVERSITY_STEPS}.rounds", *(item.module for item in OF_ROUNDS)),
        output:
            made=reported(OF_ROUNDS, DIVERSITY.folder, "Gradient diversity"),
        log:
            f"{LOGS}/diversity-rounds.log",
        benchmark:
            f"{LOGS}/diversity-rounds.tsv"
        threads: len(diversity_items.ROUNDS_FIGURES)
        resources:
            mem_mb=DRAWING * (1 + len(diversity_items.ROUNDS_FIGURES)),
            runtime=30,
        params:
            folder=subpath(output[0], parent=True),
        shell:
            "python -m loft diversity-rounds --metrics {input.metrics:q}"
            " --out {params.folder:q} --processes {threads} 2>&1 | tee {log:q}"

    TARGETS["diversity"] += rules.diversity_rounds.output
