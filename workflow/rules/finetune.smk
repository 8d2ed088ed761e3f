CELLS = [cell.name for cell in RUN.cells]
TICKET = f"{PRETRAINING}/epoch{{epoch}}/prune-{{ratio}}/ticket.{{part}}"
PARTS = ["safetensors", "json"]


rule prune:
    """Cut the tickets out of the snapshots of all methods, in one process for each seed."""
    input:
        snapshots=expand(SNAPSHOTS, cell=CELLS, allow_missing=True),
        code=code("prune"),
    output:
        tickets=expand(
            TICKET,
            cell=CELLS,
            epoch=RUN.snapshots,
            ratio=[f"{ratio:g}" for ratio in RUN.prune.ratios],
            part=PARTS,
            allow_missing=True,
        ),
    log:
        f"{LOGS}/prune-{{model}}-seed{{seed}}.log",
    priority: 10
    params:
        settings=RUN.prune_job().dump(),
        folders=expand(PRETRAINING, cell=CELLS, allow_missing=True),
    shell:
        "python -m loft prune --settings {params.settings:q} --pretrained {params.folders:q}"
        " 2>&1 | tee {log:q}"


rule finetune:
    """Train the tickets of one pretraining to the end."""
    input:
        images=IMAGES,
        tickets=tickets,
        code=code("finetune", RUN.data.kind),
    output:
        norms=f"{PRETRAINING}/finetune/norms.safetensors",
        metrics=f"{LINES}/finetune/metrics.jsonl",
    log:
        f"{LOGS}/finetune-{{model}}-{{cell}}-seed{{seed}}.log",
    benchmark:
        f"{LOGS}/finetune-{{model}}-{{cell}}-seed{{seed}}.tsv"
    threads: RUN.compute.threads + RUN.data.loaders
    resources:
        loaders=RUN.data.loaders,
    params:
        settings=lambda w: RUN.finetune_job(w.cell, int(w.seed)).dump(),
        folder=subpath(output.norms, ancestor=2),
    shell:
        "python -m loft finetune --settings {params.settings:q} --data {input.images:q}"
        " --pretrained {params.folder:q} --norms {output.norms:q} --metrics {output.metrics:q}"
        " --loaders {resources.loaders} 2>&1 | tee {log:q}"
