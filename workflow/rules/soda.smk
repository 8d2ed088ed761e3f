"""The study of SODA: samples, their optimum, simulations, real processes, tables and figures."""

from loft.soda import jobs

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
SODA_TABLES = ["runs", "exchanges", "theorem", "processes"]
LOFTS_TABLE = RUN.soda.tickets_table
COMPARISON = [f"{SODA}/comparison.{form}" for form in ["csv", "md"]]


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
        settings=lambda w: jobs.samples_job(RUN.soda.problem(w.problem)).dump(),
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
            RUN.soda, RUN.soda.problem(w.problem)
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
            RUN.soda, RUN.soda.problem(w.problem), w.p
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
        code=code(f"{SODA_STEPS}.tables"),
    output:
        table1=report(
            f"{SODA}/table1.csv",
            category="SODA",
            caption="../report/soda-table1.rst",
            labels={"result": "Table 1"},
        ),
        tables=report(
            [f"{SODA}/{name}.csv" for name in SODA_TABLES],
            category="SODA",
            caption="../report/soda-tables.rst",
            labels={"result": "Behind the figures"},
        ),
    log:
        f"{LOGS}/soda-tables.log",
    params:
        settings=jobs.report_job(RUN.soda).dump(),
        folder=subpath(output.table1, parent=True),
    shell:
        "python -m loft soda-tables --settings {params.settings:q} --metrics {input.metrics:q}"
        " --out {params.folder:q} 2>&1 | tee {log:q}"


rule soda_figures:
    """Draw Figures 1, 2 and 3."""
    input:
        metrics=SODA_LINES,
        code=code(f"{SODA_STEPS}.figures"),
    output:
        figure1=report(
            f"{SODA}/figure1.svg",
            category="SODA",
            caption="../report/soda-figure1.rst",
            labels={"result": "Figure 1"},
        ),
        figure2=report(
            f"{SODA}/figure2.svg",
            category="SODA",
            caption="../report/soda-figure2.rst",
            labels={"result": "Figure 2"},
        ),
        figure3=report(
            f"{SODA}/figure3.svg",
            category="SODA",
            caption="../report/soda-figure3.rst",
            labels={"result": "Figure 3"},
        ),
        bitmaps=[f"{SODA}/figure{number}.png" for number in (1, 2, 3)],
    log:
        f"{LOGS}/soda-figures.log",
    params:
        settings=jobs.report_job(RUN.soda).dump(),
        folder=subpath(output.figure1, parent=True),
    shell:
        "python -m loft soda-figures --settings {params.settings:q} --metrics {input.metrics:q}"
        " --out {params.folder:q} 2>&1 | tee {log:q}"


rule soda_compare:
    """Set SODA's bytes beside LoFT's, which another study's table holds."""
    input:
        metrics=SODA_LINES,
        tickets=LOFTS_TABLE or [],
        code=code(f"{SODA_STEPS}.compare"),
    output:
        table=report(
            COMPARISON[0],
            category="SODA",
            caption="../report/soda-comparison.rst",
            labels={"result": "Entries and filters"},
        ),
        shared=COMPARISON[1],
    log:
        f"{LOGS}/soda-compare.log",
    params:
        settings=jobs.report_job(RUN.soda).dump(),
        tickets=["--tickets", LOFTS_TABLE] if LOFTS_TABLE else [],
    shell:
        "python -m loft soda-compare --settings {params.settings:q} --metrics {input.metrics:q}"
        " {params.tickets:q} --out {output.table:q} 2>&1 | tee {log:q}"


SODA_MADE = [
    *(f"{SODA}/{name}.csv" for name in ["table1", *SODA_TABLES]),
    *(
        f"{SODA}/figure{number}.{form}"
        for number in (1, 2, 3)
        for form in ["svg", "png"]
    ),
]
TARGETS["soda"] = [*SODA_MADE, *COMPARISON]


rule soda:
    """SODA's tables and figures; the comparison too, unless it waits for this run's tickets."""
    input:
        SODA_MADE,
        [] if LOFTS_TABLE == f"{ROOT}/tickets/table1.csv" else COMPARISON,
