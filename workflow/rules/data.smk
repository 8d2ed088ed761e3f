from loft.core.data.sources import SOURCES, DataJob

FROM_FILES = originals(RUN.data, PATHS.originals)


rule data:
    """Collect the run's images, training and test, or the names of their files, in one file.

    Reads the original files, if there are any (`changed` stands for them); writes
    images and, of files, their list `originals`.
    """
    input:
        code=code(
            "loft.core.data.dataset",
            SOURCES[RUN.data.name].prepare,
            *(["loft.core.data.originals.manifest"] if FROM_FILES else []),
        ),
        changed=FROM_FILES,
    output:
        images=PATHS.images,
        originals=PATHS.originals if FROM_FILES else [],
    log:
        f"{LOGS}/data.log",
    benchmark:
        f"{LOGS}/data.tsv"
    threads: max(1, RUN.data.loaders)
    resources:
        mem_mb=4000,
        runtime=240,
        loaders=RUN.data.loaders,
    params:
        settings=DataJob(data=RUN.data).dump(),
        noted=(
            ["--originals", str(PATHS.originals), "--cache", HASHES]
            if FROM_FILES
            else []
        ),
    shell:
        "python -m loft data --settings {params.settings:q} --out {output.images:q}"
        " --loaders {resources.loaders} {params.noted:q} 2>&1 | tee {log:q}"
