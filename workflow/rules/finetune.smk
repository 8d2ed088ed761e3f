rule prune:
    """Cut the tickets out of the snapshots of all methods, in one process for each seed."""
    input:
        snapshots=expand(SNAPSHOTS, cell=TRAINED, allow_missing=True),
        code=lambda w: code(
            "loft.tickets.pruning.prune",
            CRITERIA[RUN.prune.criterion],
            NETWORKS[w.model].make,
        ),
    output:
        tickets=expand(
            TICKET,
            cell=TRAINED,
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
        folders=expand(PRETRAINING, cell=TRAINED, allow_missing=True),
    shell:
        "python -m loft prune --settings {params.settings:q} --pretrained {params.folders:q}"
        " 2>&1 | tee {log:q}"


rule control:
    """Make tickets that no pretraining chose: of random filters, or of new weights."""
    input:
        snapshot=expand(
            f"{PRETRAINING}/epoch{RUN.pretrain.epochs}/model.{{part}}",
            cell="dense",
            part=PARTS,
            allow_missing=True,
        ),
        code=lambda w: code(
            "loft.tickets.pruning.prune", CRITERIA["random"], NETWORKS[w.model].make
        ),
    output:
        tickets=expand(
            TICKET,
            epoch=RUN.pretrain.epochs,
            ratio=[f"{ratio:g}" for ratio in RUN.prune.ratios],
            part=PARTS,
            allow_missing=True,
        ),
    log:
        f"{LOGS}/control-{{model}}-{{cell}}-seed{{seed}}.log",
    wildcard_constraints:
        cell="|".join(RUN.controls or ["none"]),
    priority: 10
    params:
        settings=lambda w: RUN.control_job(w.cell).dump(),
        dense=expand(PRETRAINING, cell="dense", allow_missing=True),
        folder=PRETRAINING,
    shell:
        "python -m loft control --settings {params.settings:q} --pretrained {params.dense:q}"
        " --out {params.folder:q} 2>&1 | tee {log:q}"


rule finetune:
    """Train the tickets of one pretraining to the end."""
    input:
        images=IMAGES,
        tickets=tickets,
        code=training(FINETUNE),
    output:
        norms=f"{PRETRAINING}/finetune/norms.safetensors",
        metrics=f"{LINES}/finetune/metrics.jsonl",
    log:
        text=f"{LOGS}/finetune-{{model}}-{{cell}}-seed{{seed}}.log",
        provenance=f"{LINES}/finetune/provenance.jsonl",  # what varies
    benchmark:
        f"{LOGS}/finetune-{{model}}-{{cell}}-seed{{seed}}.tsv"
    priority: longest_first
    threads: RUN.compute.threads + RUN.data.loaders
    resources:
        loaders=RUN.data.loaders,
        gpu=lambda w: DEMAND.gpu(1),
        gpu_memory=lambda w: DEMAND.finetuning(w.model, w.cell, int(w.seed)),  # MB
    params:
        settings=lambda w: RUN.finetune_job(w.cell, int(w.seed)).dump(),
        folder=subpath(output.norms, ancestor=2),
        work=f"{WORK}/finetune",
    shell:
        "python -m loft finetune --settings {params.settings:q} --data {input.images:q}"
        " --pretrained {params.folder:q} --norms {output.norms:q} --metrics {output.metrics:q}"
        " --work {params.work:q}"
        " --loaders {resources.loaders} 2>&1 | tee {log.text:q}"
