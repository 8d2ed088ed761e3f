rule diary:
    """Fill MLflow's database; untracked, and made anew whenever a job's lines change.

    Beside each metrics.jsonl it reads provenance.jsonl, a log of the same job, if it is there.
    """
    input:
        metrics=DIARY,
        code=code("loft.tickets.report.diary"),
    output:
        database=PATHS.diary,
    log:
        f"{LOGS}/diary.log",
    params:
        experiment=RUN.run,
    shell:
        "python -m loft diary --metrics {input.metrics:q} --experiment {params.experiment:q}"
        " --database {output.database:q} 2>&1 | tee {log:q}"
