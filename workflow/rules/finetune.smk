from itertools import product

TICKET_NAMES = list(product(RUN.snapshots, RUN.prune.ratios))
PRETRAININGS = [TICKETS.pretraining(cell=cell) for cell in TRAINED]
DENSE_PRETRAINED = TICKETS.pretraining(cell=DENSE)
LAST = RUN.pretrain.epochs
UNTRAINED_CONTROLS = [name for name in RUN.controls if name in UNTRAINED]
TRAINED_CONTROLS = [name for name in RUN.controls if name not in UNTRAINED]
TUNED_LINES = TICKETS.lines(step="finetune")


rule prune:
    """Cut the tickets out of the snapshots of all methods, in one process for each seed.

    Reads snapshots; writes tickets.
    """
    input:
        snapshots=[
            path
            for folder in PRETRAININGS
            for path in snapshots(folder, RUN.snapshots)
        ],
        code=lambda w: code(
            "loft.tickets.pruning.prune",
            CRITERIA[RUN.prune.criterion],
            NETWORKS[w.model].make,
        ),
    output:
        tickets=[
            path for folder in PRETRAININGS for path in tickets(folder, TICKET_NAMES)
        ],
    log:
        f"{LOGS}/prune-{{model}}-seed{{seed}}.log",
    benchmark:
        f"{LOGS}/prune-{{model}}-seed{{seed}}.tsv"
    priority: 10
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        settings=RUN.prune_job().dump(),
        folders=list(map(str, PRETRAININGS)),
    shell:
        "python -m loft prune --settings {params.settings:q} --pretrained {params.folders:q}"
        " 2>&1 | tee {log:q}"


rule control:
    """Make tickets without the ranking, such as of random filters or of new weights.

    Reads the dense pretraining's last snapshot; writes tickets.
    """
    input:
        snapshot=snapshots(DENSE_PRETRAINED, [LAST]),
        code=lambda w: code(
            "loft.tickets.pruning.prune", CRITERIA["random"], NETWORKS[w.model].make
        ),
    output:
        tickets=tickets(PRETRAINED, [(LAST, ratio) for ratio in RUN.prune.ratios]),
    log:
        f"{LOGS}/control-{{model}}-{{cell}}-seed{{seed}}.log",
    benchmark:
        f"{LOGS}/control-{{model}}-{{cell}}-seed{{seed}}.tsv"
    wildcard_constraints:
        cell=one_of(TRAINED_CONTROLS),
    priority: 10
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        settings=lambda w: RUN.control_job(w.cell).dump(),
        dense=[str(DENSE_PRETRAINED)],
        folder=str(PRETRAINED),
    shell:
        "python -m loft control --settings {params.settings:q} --pretrained {params.dense:q}"
        " --out {params.folder:q} 2>&1 | tee {log:q}"


use rule control as untrained_control with:
    """Make tickets of the untrained network.

    Reads the dense pretraining's first snapshot; writes tickets.
    """
    input:
        snapshot=snapshots(DENSE_PRETRAINED, [0]),
        code=lambda w: code(
            "loft.tickets.pruning.prune", CRITERIA[w.cell], NETWORKS[w.model].make
        ),
    output:
        tickets=tickets(PRETRAINED, [(0, ratio) for ratio in RUN.prune.ratios]),
    log:
        f"{LOGS}/control-untrained-{{model}}-{{cell}}-seed{{seed}}.log",
    benchmark:
        f"{LOGS}/control-untrained-{{model}}-{{cell}}-seed{{seed}}.tsv"
    wildcard_constraints:
        cell=one_of(UNTRAINED_CONTROLS),


rule finetune:
    """Train the tickets of one pretraining to the end.

    Reads images and tickets; writes the trained networks, norms and metrics.
    """
    input:
        images=PATHS.images,
        tickets=tuned,
        code=training(FINETUNE),
    output:
        networks=finetuned(PRETRAINED, RUN.kept_tickets(LAST)),
        norms=paths.tuned_norms(PRETRAINED),
        metrics=TUNED_LINES,
    log:
        text=f"{LOGS}/finetune-{{model}}-{{cell}}-seed{{seed}}.log",
        provenance=beside(TUNED_LINES),  # what varies
    benchmark:
        f"{LOGS}/finetune-{{model}}-{{cell}}-seed{{seed}}.tsv"
    wildcard_constraints:
        cell=one_of([*TRAINED, *TRAINED_CONTROLS]),
    priority: longest_first
    threads: RUN.compute.threads + RUN.data.loaders
    resources:
        mem_mb=lambda w: REQUESTS.finetuning_memory(w.model, w.cell),
        runtime=lambda w: REQUESTS.finetuning_minutes(w.model, w.cell),
        loaders=RUN.data.loaders,
        gpu=lambda w: DEMAND.gpu(1),
        gpu_memory=lambda w: DEMAND.finetuning(w.model, w.cell, int(w.seed)),  # MB
    params:
        settings=lambda w: RUN.finetune_job(w.cell, int(w.seed)).dump(),
        folder=subpath(output.norms, ancestor=2),
        work=str(paths.work(PATHS.work, "finetune")),
    shell:
        "python -m loft finetune --settings {params.settings:q} --data {input.images:q}"
        " --pretrained {params.folder:q} --norms {output.norms:q} --metrics {output.metrics:q}"
        " --work {params.work:q}"
        " --loaders {resources.loaders} 2>&1 | tee {log.text:q}"


use rule finetune as finetune_untrained with:
    """Train the tickets of the untrained network to the end.

    Reads images and tickets; writes the trained networks, norms and metrics.
    """
    output:
        networks=finetuned(PRETRAINED, RUN.kept_tickets(0)),
        norms=paths.tuned_norms(PRETRAINED),
        metrics=TUNED_LINES,
    wildcard_constraints:
        cell=one_of(UNTRAINED_CONTROLS),


if RUN.finetune.lengths:
    LENGTH = paths.length("{epochs}")
    LENGTH_LINES = TICKETS.lines(step=LENGTH)

    use rule finetune as finetune_for_length with:
        """Train the last snapshot's tickets of one pretraining for another number of epochs.

        Reads images and tickets; writes metrics, and norms that nobody needs.
        """
        input:
            images=PATHS.images,
            tickets=tickets(PRETRAINED, [(LAST, ratio) for ratio in RUN.prune.ratios]),
            code=training(FINETUNE),
        output:
            norms=temp(PRETRAINED / LENGTH / "norms.safetensors"),
            metrics=LENGTH_LINES,
        log:
            text=f"{LOGS}/finetune-{{model}}-{{cell}}-seed{{seed}}-epochs{{epochs}}.log",
            provenance=beside(LENGTH_LINES),  # what varies
        benchmark:
            f"{LOGS}/finetune-{{model}}-{{cell}}-seed{{seed}}-epochs{{epochs}}.tsv"
        wildcard_constraints:
            cell=one_of(TRAINED),
            epochs=one_of(map(str, RUN.finetune.lengths)),
        priority: 10
        params:
            settings=lambda w: RUN.length_job(w.cell, int(w.seed), int(w.epochs)).dump(),
            folder=str(PRETRAINED),
            work=str(paths.work(PATHS.work, LENGTH)),
