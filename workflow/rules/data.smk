rule data:
    """Collect the run's images, training and test, in one file."""
    input:
        code=code("data"),
    output:
        images=IMAGES,
    log:
        f"{LOGS}/data.log",
    params:
        settings=DataJob(data=RUN.data).dump(),
    shell:
        "python -m loft data --settings {params.settings:q} --out {output.images:q}"
        " 2>&1 | tee {log:q}"
