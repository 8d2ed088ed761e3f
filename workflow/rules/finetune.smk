TICKET_FILES = expand(
    f"{PRETRAINING}/epoch{{epoch}}/prune-{{ratio}}/ticket.{{part}}",
    epoch=RUN.snapshots,
    ratio=[f"{ratio:g}" for ratio in RUN.prune.ratios],
    part=["safetensors", "json"],
    allow_missing=True,
)


rule prune:
    """Cut the tickets out of a pretraining's snapshots, all ratios in one process."""
    input:
        snapshots=SNAPSHOTS,
        code=code("prune"),
    output:
        tickets=TICKET_FILES,
    log:
        f"{LOGS}/prune-{{model}}-{{cell}}-seed{{seed}}.log",
    params:
        settings=RUN.prune_job().dump(),
        folder=subpath(output[0], ancestor=3),
    shell:
        "python -m loft prune --settings {params.settings:q} --pretrained {params.folder:q}"
        " 2>&1 | tee {log:q}"


rule finetune:
    """Train the tickets of one snapshot to the end."""
    input:
        images=IMAGES,
        tickets=lambda w: expand(
            f"{PRETRAINING}/epoch{{epoch}}/prune-{{ratio}}/ticket.{{part}}",
            ratio=[
                f"{ratio:g}" for ratio in RUN.finetune_ratios(w.cell, int(w.epoch))
            ],
            part=["safetensors", "json"],
            allow_missing=True,
        ),
        code=code("finetune"),
    output:
        norms=f"{PRETRAINING}/epoch{{epoch}}/norms.safetensors",
        metrics=f"{LINES}/epoch{{epoch}}/metrics.jsonl",
    log:
        f"{LOGS}/finetune-{{model}}-{{cell}}-seed{{seed}}-epoch{{epoch}}.log",
    benchmark:
        f"{LOGS}/finetune-{{model}}-{{cell}}-seed{{seed}}-epoch{{epoch}}.tsv"
    threads: RUN.compute.threads
    params:
        settings=lambda w: RUN.finetune_job(w.cell, int(w.seed), int(w.epoch)).dump(),
        folder=subpath(output.norms, ancestor=2),
    shell:
        "python -m loft finetune --settings {params.settings:q} --data {input.images:q}"
        " --pretrained {params.folder:q} --metrics {output.metrics:q} 2>&1 | tee {log:q}"
