rule diary:
    """Fill MLflow's database; untracked, and made anew whenever a job's lines change.

    Reads metrics, and their provenance files where they exist; writes a database.
    """
    input:
        metrics=DIARY,
        code=code("loft.tickets.report.diary"),
    output:
        database=PATHS.diary,
    log:
        f"{LOGS}/diary.log",
    benchmark:
        f"{LOGS}/diary.tsv"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        experiment=RUN.run,
    shell:
        "python -m loft diary --metrics {input.metrics:q} --experiment {params.experiment:q}"
        " --database {output.database:q} 2>&1 | tee {log:q}"
