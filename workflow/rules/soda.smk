"""The study of SODA: samples, their optimum, simulations, real processes, tables and figures."""

from loft.soda import items as soda_items
from loft.soda import run as jobs

SODA = f"{ROOT}/soda"
KEPT = f"{ROOT}/data/soda/{{problem}}"  # arrays, which DVC keeps with the run's data
SODA_STEPS = "loft.soda.steps"
PROBLEMS = [problem.name for problem in RUN.soda.problems]
ORIGINALS_OF_SAMPLES = f"{KEPT}/originals.json"  # what they are made from
CHANGED = {
    problem.name: originals(
        problem.data, ORIGINALS_OF_SAMPLES.format(problem=problem.name)
    )
    for problem in RUN.soda.problems
}
OPTIMA = expand(f"{SODA}/{{problem}}/metrics.jsonl", problem=PROBLEMS)
SIMULATIONS = [
    f"{SODA}/{problem.name}/p{p:g}/metrics.jsonl"
    for problem in RUN.soda.problems
    if problem.simulate is not None
    for p in problem.simulate.probabilities
]
PROCESSES = (
    [f"{SODA}/{RUN.soda.processes.problem}/processes/metrics.jsonl"]
    if RUN.soda.processes is not None
    else []
)
SODA_LINES = [*OPTIMA, *SIMULATIONS, *PROCESSES]
LOFTS_TABLE = RUN.soda.tickets_table


wildcard_constraints:
    problem="|".join(PROBLEMS),
    p=r"[0-9.e-]+",


rule soda_samples:
    """Read or generate a problem's samples and normalise them."""
    input:
        code=code(f"{SODA_STEPS}.samples"),
        changed=lambda w: CHANGED[w.problem],
    output:
        samples=f"{KEPT}/samples.npz",
        originals=ORIGINALS_OF_SAMPLES if any(CHANGED.values()) else [],
    log:
        f"{LOGS}/soda-samples-{{problem}}.log",
    params:
        settings=lambda w: jobs.samples_job(jobs.problem_of(RUN.soda, w.problem)).dump(),
        noted=(
            ["--originals", ORIGINALS_OF_SAMPLES, "--cache", HASHES]
            if any(CHANGED.values())
            else []
        ),
    shell:
        "python -m loft soda-samples --settings {params.settings:q} --out {output.samples:q}"
        " {params.noted:q} 2>&1 | tee {log:q}"


rule soda_optimum:
    """Find a problem's minimiser by an independent solver, with a certificate."""
    input:
        samples=f"{KEPT}/samples.npz",
        code=code(f"{SODA_STEPS}.optimum"),
    output:
        optimum=f"{KEPT}/optimum.npz",
        metrics=f"{SODA}/{{problem}}/metrics.jsonl",
    log:
        text=f"{LOGS}/soda-optimum-{{problem}}.log",
        provenance=f"{SODA}/{{problem}}/provenance.jsonl",  # what varies
    params:
        settings=lambda w: jobs.optimum_job(
            RUN.soda, jobs.problem_of(RUN.soda, w.problem)
        ).dump(),
    shell:
        "python -m loft soda-optimum --settings {params.settings:q} --samples {input.samples:q}"
        " --out {output.optimum:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule soda_simulate:
    """Simulate SODA's events with one probability, every repetition in turn."""
    input:
        samples=f"{KEPT}/samples.npz",
        optimum=f"{KEPT}/optimum.npz",
        code=code(f"{SODA_STEPS}.simulate"),
    output:
        metrics=f"{SODA}/{{problem}}/p{{p}}/metrics.jsonl",
    log:
        text=f"{LOGS}/soda-simulate-{{problem}}-p{{p}}.log",
        provenance=f"{SODA}/{{problem}}/p{{p}}/provenance.jsonl",  # what varies
    benchmark:
        f"{LOGS}/soda-simulate-{{problem}}-p{{p}}.tsv"
    params:
        settings=lambda w: jobs.simulate_job(
            RUN.soda, jobs.problem_of(RUN.soda, w.problem), w.p
        ).dump(),
    shell:
        "python -m loft soda-simulate --settings {params.settings:q} --samples {input.samples:q}"
        " --optimum {input.optimum:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule soda_processes:
    """Run the master and its workers as real processes, and repeat the run in the simulation."""
    input:
        samples=f"{KEPT}/samples.npz",
        optimum=f"{KEPT}/optimum.npz",
        code=code(f"{SODA_STEPS}.processes"),
    output:
        metrics=f"{SODA}/{{problem}}/processes/metrics.jsonl",
    log:
        text=f"{LOGS}/soda-processes-{{problem}}.log",
        provenance=f"{SODA}/{{problem}}/processes/provenance.jsonl",  # what varies
    benchmark:
        f"{LOGS}/soda-processes-{{problem}}.tsv"
    threads: RUN.soda.processes.workers + 1 if RUN.soda.processes else 1
    params:
        settings=lambda w: jobs.processes_job(RUN.soda, RUN.soda.processes).dump(),
    shell:
        "python -m loft soda-processes --settings {params.settings:q} --samples {input.samples:q}"
        " --optimum {input.optimum:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule soda_tables:
    """Make Table 1, and the tables of exchanges, of the theorem and of the processes."""
    input:
        metrics=SODA_LINES,
        code=code(
            f"{SODA_STEPS}.tables", *(table.module for table in soda_items.TABLES)
        ),
    output:
        tables=reported(soda_items.TABLES, SODA, "SODA"),
    log:
        f"{LOGS}/soda-tables.log",
    params:
        settings=jobs.report_job(RUN.soda).dump(),
        folder=SODA,
    shell:
        "python -m loft soda-tables --settings {params.settings:q} --metrics {input.metrics:q}"
        " --out {params.folder:q} 2>&1 | tee {log:q}"


rule soda_figures:
    """Draw Figures 1, 2 and 3."""
    input:
        metrics=SODA_LINES,
        code=code(
            f"{SODA_STEPS}.figures",
            *(item.module for item in [*soda_items.FIGURES, *soda_items.TABLES]),
        ),
    output:
        figures=reported(soda_items.FIGURES, SODA, "SODA"),
    log:
        f"{LOGS}/soda-figures.log",
    params:
        settings=jobs.report_job(RUN.soda).dump(),
        folder=SODA,
    shell:
        "python -m loft soda-figures --settings {params.settings:q} --metrics {input.metrics:q}"
        " --out {params.folder:q} 2>&1 | tee {log:q}"


rule soda_compare:
    """Set SODA's bytes beside LoFT's, which another study's table holds."""
    input:
        metrics=SODA_LINES,
        tickets=LOFTS_TABLE or [],
        code=code(
            f"{SODA_STEPS}.compare",
            *(table.module for table in [soda_items.COMPARISON, *soda_items.TABLES]),
        ),
    output:
        table=reported([soda_items.COMPARISON], SODA, "SODA"),
    log:
        f"{LOGS}/soda-compare.log",
    params:
        settings=jobs.report_job(RUN.soda).dump(),
        tickets=["--tickets", LOFTS_TABLE] if LOFTS_TABLE else [],
        folder=SODA,
    shell:
        "python -m loft soda-compare --settings {params.settings:q} --metrics {input.metrics:q}"
        " {params.tickets:q} --out {params.folder:q} 2>&1 | tee {log:q}"


SODA_MADE = [*rules.soda_tables.output, *rules.soda_figures.output]
TARGETS["soda"] = [*SODA_MADE, *rules.soda_compare.output]


rule soda:
    """SODA's tables and figures; the comparison too, unless it waits for this run's tickets."""
    input:
        SODA_MADE,
        (
            []
            if LOFTS_TABLE == f"{ROOT}/tickets/table1.csv"
            else rules.soda_compare.output
        ),
