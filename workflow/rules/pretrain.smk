SNAPSHOTS = expand(
    f"{PRETRAINING}/epoch{{epoch}}/model.{{part}}",
    epoch=RUN.snapshots,
    part=PARTS,
    allow_missing=True,
)
TRAINED = RUN.trained
DENSE_COLUMN = PRETRAINING.replace("{cell}", UNPRUNED)
DENSE_LINES = LINES.replace("{cell}", UNPRUNED)


rule pretrain:
    """Pretrain with one method, each of its workers a process; keep snapshots."""
    input:
        images=IMAGES,
        code=training(PRETRAIN),
    output:
        snapshots=SNAPSHOTS,
        norms=f"{PRETRAINING}/norms.safetensors",
        metrics=f"{LINES}/metrics.jsonl",
    log:
        text=f"{LOGS}/pretrain-{{model}}-{{cell}}-seed{{seed}}.log",
        provenance=f"{LINES}/provenance.jsonl",  # what varies
    benchmark:
        f"{LOGS}/pretrain-{{model}}-{{cell}}-seed{{seed}}.tsv"
    wildcard_constraints:
        cell="|".join(TRAINED),
    priority: widest_first
    threads: processes
    resources:
        loaders=RUN.data.loaders,  # no parameter: their number changes no result
        gpu=lambda w: DEMAND.gpu(Cell.parse(w.cell).workers),
        gpu_memory=lambda w: DEMAND.pretraining(w.model, w.cell, int(w.seed)),  # MB
    params:
        settings=lambda w: RUN.pretrain_job(w.model, w.cell, int(w.seed)).dump(),
        folder=subpath(output.norms, parent=True),
        work=f"{WORK}/pretrain",
    shell:
        "python -m loft pretrain --settings {params.settings:q} --data {input.images:q}"
        " --out {params.folder:q} --metrics {output.metrics:q} --work {params.work:q}"
        " --loaders {resources.loaders} 2>&1 | tee {log.text:q}"


use rule pretrain as measured with:
    # Real pipelined steps of a cell whose training is another's.
    output:
        metrics=f"{LINES}/metrics.jsonl",
    log:
        text=f"{LOGS}/measured-{{model}}-{{cell}}-seed{{seed}}.log",
        provenance=f"{LINES}/provenance.jsonl",  # what varies
    benchmark:
        f"{LOGS}/measured-{{model}}-{{cell}}-seed{{seed}}.tsv"
    wildcard_constraints:
        cell="|".join(RUN.measured or ["none"]),
    params:
        settings=lambda w: RUN.pretrain_job(w.model, w.cell, int(w.seed)).dump(),
        folder=PRETRAINING,
        work=f"{WORK}/pretrain",


use rule pretrain as unpruned with:
    # The dense column: the whole network for pretraining and fine-tuning epochs together.
    input:
        images=IMAGES,
        code=training(PRETRAIN, cell="dense"),
    output:
        snapshots=expand(
            f"{DENSE_COLUMN}/epoch{RUN.schedule}/model.{{part}}",
            part=PARTS,
            allow_missing=True,
        ),
        norms=f"{DENSE_COLUMN}/norms.safetensors",
        metrics=f"{DENSE_LINES}/metrics.jsonl",
    log:
        text=f"{LOGS}/unpruned-{{model}}-seed{{seed}}.log",
        provenance=f"{DENSE_LINES}/provenance.jsonl",  # what varies
    benchmark:
        f"{LOGS}/unpruned-{{model}}-seed{{seed}}.tsv"
    priority: 20
    threads: RUN.compute.threads + RUN.data.loaders
    resources:
        loaders=RUN.data.loaders,
        gpu=lambda w: DEMAND.gpu(1),
        gpu_memory=lambda w: DEMAND.pretraining(w.model, UNPRUNED, int(w.seed)),
    params:
        settings=lambda w: RUN.pretrain_job(w.model, UNPRUNED, int(w.seed)).dump(),
        folder=subpath(output.norms, parent=True),
        work=WORK.replace("{cell}", UNPRUNED),


UPDATES = expand(
    f"{LINES}/updates/metrics.jsonl",
    model=[model.name for model in RUN.models],
    cell=RUN.updates.cells if RUN.updates else [],
    seed=RUN.seeds[:1],
)


rule updates:
    """Add up what workers change in a round from each snapshot, for the study of diversity."""
    input:
        images=IMAGES,
        snapshots=SNAPSHOTS,
        code=lambda wildcards: code(
            "loft.tickets.pretraining.worker_changes",
            KINDS[RUN.data.kind].data,
            NETWORKS[wildcards.model].make,
            METHODS[Cell.parse(wildcards.cell).method],
        ),
    output:
        metrics=f"{LINES}/updates/metrics.jsonl",
    log:
        text=f"{LOGS}/updates-{{model}}-{{cell}}-seed{{seed}}.log",
        provenance=f"{LINES}/updates/provenance.jsonl",  # what varies
    benchmark:
        f"{LOGS}/updates-{{model}}-{{cell}}-seed{{seed}}.tsv"
    threads: processes
    resources:
        gpu=lambda w: DEMAND.gpu(Cell.parse(w.cell).workers),
        gpu_memory=lambda w: DEMAND.pretraining(w.model, w.cell, int(w.seed)),
    params:
        settings=lambda w: RUN.worker_changes_job(w.model, w.cell, int(w.seed)).dump(),
        folder=expand(PRETRAINING, allow_missing=True),
    shell:
        "python -m loft updates --settings {params.settings:q} --data {input.images:q}"
        " --pretrained {params.folder:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"
