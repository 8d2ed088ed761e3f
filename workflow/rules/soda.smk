"""The study of SODA: samples, their optimum, simulations, real processes, tables and figures."""

from loft.soda import items as soda_items
from loft.soda import paths as soda_paths
from loft.soda import run as jobs

SODA = soda_paths.Paths(PATHS.results)
SODA_STEPS = "loft.soda.steps"
PROBLEMS = [problem.name for problem in RUN.soda.problems]
CHANGED = {
    problem.name: originals(problem.data, SODA.originals(problem.name))
    for problem in RUN.soda.problems
}
SODA_LINES = SODA.all_lines(RUN.soda)
LOFTS_TABLE = RUN.soda.tickets_table


wildcard_constraints:
    problem="|".join(PROBLEMS),
    p=r"[0-9.e-]+",


rule soda_samples:
    """Read or generate a problem's samples and normalise them.

    Reads the original files, if there are any (`changed` stands for them); writes
    samples and, of files, their list `originals`.
    """
    input:
        code=code(f"{SODA_STEPS}.samples"),
        changed=lambda w: CHANGED[w.problem],
    output:
        samples=SODA.samples(),
        originals=SODA.originals() if any(CHANGED.values()) else [],
    log:
        f"{LOGS}/soda-samples-{{problem}}.log",
    benchmark:
        f"{LOGS}/soda-samples-{{problem}}.tsv"
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        settings=lambda w: jobs.samples_job(jobs.problem_of(RUN.soda, w.problem)).dump(),
        noted=(
            ["--originals", str(SODA.originals()), "--cache", HASHES]
            if any(CHANGED.values())
            else []
        ),
    shell:
        "python -m loft soda-samples --settings {params.settings:q} --out {output.samples:q}"
        " {params.noted:q} 2>&1 | tee {log:q}"


rule soda_optimum:
    """Find a problem's minimiser by an independent solver, with a certificate.

    Reads samples; writes the optimum and metrics.
    """
    input:
        samples=SODA.samples(),
        code=code(f"{SODA_STEPS}.optimum"),
    output:
        optimum=SODA.optimum(),
        metrics=SODA.optimum_lines(),
    log:
        text=f"{LOGS}/soda-optimum-{{problem}}.log",
        provenance=beside(SODA.optimum_lines()),  # what varies
    benchmark:
        f"{LOGS}/soda-optimum-{{problem}}.tsv"
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        settings=lambda w: jobs.optimum_job(
            RUN.soda, jobs.problem_of(RUN.soda, w.problem)
        ).dump(),
    shell:
        "python -m loft soda-optimum --settings {params.settings:q} --samples {input.samples:q}"
        " --out {output.optimum:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule soda_simulate:
    """Simulate SODA's events with one probability, every repetition in turn.

    Reads samples and the optimum; writes metrics.
    """
    input:
        samples=SODA.samples(),
        optimum=SODA.optimum(),
        code=code(f"{SODA_STEPS}.simulate"),
    output:
        metrics=SODA.simulation_lines(),
    log:
        text=f"{LOGS}/soda-simulate-{{problem}}-p{{p}}.log",
        provenance=beside(SODA.simulation_lines()),  # what varies
    benchmark:
        f"{LOGS}/soda-simulate-{{problem}}-p{{p}}.tsv"
    resources:
        mem_mb=4000,
        runtime=720,
    params:
        settings=lambda w: jobs.simulate_job(
            RUN.soda, jobs.problem_of(RUN.soda, w.problem), w.p
        ).dump(),
    shell:
        "python -m loft soda-simulate --settings {params.settings:q} --samples {input.samples:q}"
        " --optimum {input.optimum:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule soda_processes:
    """Run the master and its workers as real processes, and repeat the run in the simulation.

    Reads samples and the optimum; writes metrics.
    """
    input:
        samples=SODA.samples(),
        optimum=SODA.optimum(),
        code=code(f"{SODA_STEPS}.processes"),
    output:
        metrics=SODA.processes_lines(),
    log:
        text=f"{LOGS}/soda-processes-{{problem}}.log",
        provenance=beside(SODA.processes_lines()),  # what varies
    benchmark:
        f"{LOGS}/soda-processes-{{problem}}.tsv"
    threads: RUN.soda.processes.workers + 1 if RUN.soda.processes else 1
    resources:
        mem_mb=1000 * (2 + RUN.soda.processes.workers) if RUN.soda.processes else 0,
        runtime=720,
    params:
        settings=lambda w: jobs.processes_job(RUN.soda, RUN.soda.processes).dump(),
    shell:
        "python -m loft soda-processes --settings {params.settings:q} --samples {input.samples:q}"
        " --optimum {input.optimum:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule soda_tables:
    """Make Table 1, and the tables of exchanges, of the theorem and of the processes.

    Reads metrics; writes tables.
    """
    input:
        metrics=SODA_LINES,
        code=code(
            f"{SODA_STEPS}.tables", *(table.module for table in soda_items.TABLES)
        ),
    output:
        tables=reported(soda_items.TABLES, SODA.folder, "SODA"),
    log:
        f"{LOGS}/soda-tables.log",
    benchmark:
        f"{LOGS}/soda-tables.tsv"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        settings=jobs.report_job(RUN.soda).dump(),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m loft soda-tables --settings {params.settings:q} --metrics {input.metrics:q}"
        " --out {params.folder:q} 2>&1 | tee {log:q}"


rule soda_figures:
    """Draw Figures 1, 2 and 3.

    Reads metrics; writes figures.
    """
    input:
        metrics=SODA_LINES,
        code=code(
            f"{SODA_STEPS}.figures",
            *(item.module for item in [*soda_items.FIGURES, *soda_items.TABLES]),
        ),
    output:
        figures=reported(soda_items.FIGURES, SODA.folder, "SODA"),
    log:
        f"{LOGS}/soda-figures.log",
    benchmark:
        f"{LOGS}/soda-figures.tsv"
    threads: len(soda_items.FIGURES)
    resources:
        mem_mb=DRAWING * (1 + len(soda_items.FIGURES)),
        runtime=30,
    params:
        settings=jobs.report_job(RUN.soda).dump(),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m loft soda-figures --settings {params.settings:q} --metrics {input.metrics:q}"
        " --out {params.folder:q} --processes {threads} 2>&1 | tee {log:q}"


rule soda_compare:
    """Set SODA's bytes beside LoFT's, which another study's table holds.

    Reads metrics and, if a run has them, LoFT's tickets; writes a table.
    """
    input:
        metrics=SODA_LINES,
        tickets=LOFTS_TABLE or [],
        code=code(
            f"{SODA_STEPS}.compare",
            *(table.module for table in [soda_items.COMPARISON, *soda_items.TABLES]),
        ),
    output:
        table=reported([soda_items.COMPARISON], SODA.folder, "SODA"),
    log:
        f"{LOGS}/soda-compare.log",
    benchmark:
        f"{LOGS}/soda-compare.tsv"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        settings=jobs.report_job(RUN.soda).dump(),
        tickets=["--tickets", LOFTS_TABLE] if LOFTS_TABLE else [],
        folder=subpath(output[0], parent=True),
    shell:
        "python -m loft soda-compare --settings {params.settings:q} --metrics {input.metrics:q}"
        " {params.tickets:q} --out {params.folder:q} 2>&1 | tee {log:q}"


SODA_MADE = [*rules.soda_tables.output, *rules.soda_figures.output]
TARGETS["soda"] = [*SODA_MADE, *rules.soda_compare.output]


rule soda:
    """SODA's tables and figures; the comparison too, unless it waits for this run's tickets."""
    input:
        SODA_MADE,
        [] if LOFTS_TABLE in TARGETS.get("tickets", []) else rules.soda_compare.output,
