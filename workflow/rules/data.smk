from loft.core.sources import SOURCES, DataJob

IMAGES = f"{ROOT}/data/images.safetensors"


rule data:
    """Collect the run's images, training and test, or the names of their files, in one file."""
    input:
        code=code("loft.core.data", SOURCES[RUN.data.name].prepare),
    output:
        images=IMAGES,
    log:
        f"{LOGS}/data.log",
    threads: max(1, RUN.data.loaders)
    resources:
        loaders=RUN.data.loaders,
    params:
        settings=DataJob(data=RUN.data).dump(),
    shell:
        "python -m loft data --settings {params.settings:q} --out {output.images:q}"
        " --loaders {resources.loaders} 2>&1 | tee {log:q}"
