TRAINED = RUN.trained
SNAPSHOTS = snapshots(PRETRAINED, RUN.snapshots)
DENSE_COLUMN = TICKETS.pretraining(cell=UNPRUNED)
DENSE_LINES = TICKETS.lines(cell=UNPRUNED)
UPDATES = TICKETS.lines(step="updates")


rule pretrain:
    """Pretrain with one method, each of its workers a process; keep snapshots.

    Reads images; writes snapshots, norms and metrics.
    """
    input:
        images=PATHS.images,
        code=training(PRETRAIN),
    output:
        snapshots=SNAPSHOTS,
        norms=paths.norms(PRETRAINED),
        metrics=LINES,
    log:
        text=f"{LOGS}/pretrain-{{model}}-{{cell}}-seed{{seed}}.log",
        provenance=beside(LINES),  # what varies
    benchmark:
        f"{LOGS}/pretrain-{{model}}-{{cell}}-seed{{seed}}.tsv"
    wildcard_constraints:
        cell=one_of(TRAINED),
    priority: widest_first
    threads: processes
    resources:
        mem_mb=lambda w: REQUESTS.pretraining_memory(w.model, w.cell),
        runtime=lambda w: REQUESTS.pretraining_minutes(w.model, w.cell),
        loaders=RUN.data.loaders,  # no parameter: their number changes no result
        gpu=lambda w: DEMAND.gpu(Cell.parse(w.cell).workers),
        gpu_memory=lambda w: DEMAND.pretraining(w.model, w.cell, int(w.seed)),  # MB
    params:
        settings=lambda w: RUN.pretrain_job(w.model, w.cell, int(w.seed)).dump(),
        folder=subpath(output.norms, parent=True),
        work=str(paths.work(PATHS.work, "pretrain")),
    shell:
        "python -m loft pretrain --settings {params.settings:q} --data {input.images:q}"
        " --out {params.folder:q} --metrics {output.metrics:q} --work {params.work:q}"
        " --loaders {resources.loaders} 2>&1 | tee {log.text:q}"


use rule pretrain as measured with:
    """Take the measured steps of a cell that shares another cell's training.

    Reads images; writes metrics.
    """
    output:
        metrics=LINES,
    log:
        text=f"{LOGS}/measured-{{model}}-{{cell}}-seed{{seed}}.log",
        provenance=beside(LINES),  # what varies
    benchmark:
        f"{LOGS}/measured-{{model}}-{{cell}}-seed{{seed}}.tsv"
    wildcard_constraints:
        cell=one_of(RUN.measured),
    params:
        settings=lambda w: RUN.pretrain_job(w.model, w.cell, int(w.seed)).dump(),
        folder=str(PRETRAINED),
        work=str(paths.work(PATHS.work, "pretrain")),


use rule pretrain as unpruned with:
    """Train the dense column: the whole network, as long as pretraining and fine-tuning together.

    Reads images; writes snapshots, norms and metrics.
    """
    input:
        images=PATHS.images,
        code=training(PRETRAIN, cell="dense"),
    output:
        snapshots=snapshots(DENSE_COLUMN, [RUN.schedule]),
        norms=paths.norms(DENSE_COLUMN),
        metrics=DENSE_LINES,
    log:
        text=f"{LOGS}/unpruned-{{model}}-seed{{seed}}.log",
        provenance=beside(DENSE_LINES),  # what varies
    benchmark:
        f"{LOGS}/unpruned-{{model}}-seed{{seed}}.tsv"
    priority: 20
    threads: RUN.compute.threads + RUN.data.loaders
    resources:
        mem_mb=lambda w: REQUESTS.pretraining_memory(w.model, UNPRUNED),
        runtime=lambda w: REQUESTS.pretraining_minutes(w.model, UNPRUNED),
        loaders=RUN.data.loaders,
        gpu=lambda w: DEMAND.gpu(1),
        gpu_memory=lambda w: DEMAND.pretraining(w.model, UNPRUNED, int(w.seed)),
    params:
        settings=lambda w: RUN.pretrain_job(w.model, UNPRUNED, int(w.seed)).dump(),
        folder=subpath(output.norms, parent=True),
        work=str(paths.work(PATHS.work, "", cell=UNPRUNED)),


if RUN.rates:
    TRIED = paths.tried(PRETRAINED, "{rate}")
    TRIED_LINES = TICKETS.tried_lines()

    use rule pretrain as try_rate with:
        """Pretrain at one learning rate, and test on images that are held out of training.

        Reads images; writes metrics, and norms that nobody needs.
        """
        output:
            norms=temp(paths.norms(TRIED)),
            metrics=TRIED_LINES,
        log:
            text=f"{LOGS}/rate-{{model}}-{{cell}}-seed{{seed}}-{{rate}}.log",
            provenance=beside(TRIED_LINES),  # what varies
        benchmark:
            f"{LOGS}/rate-{{model}}-{{cell}}-seed{{seed}}-{{rate}}.tsv"
        wildcard_constraints:
            cell=one_of(RUN.rated),
            rate=one_of(f"{rate:g}" for rate in RUN.rates.grid),
        params:
            settings=lambda w: RUN.rate_job(
                w.model, w.cell, int(w.seed), float(w.rate)
            ).dump(),
            folder=subpath(output.norms, parent=True),
            work=str(paths.tried(paths.work(PATHS.work, ""), "{rate}")),


rule updates:
    """Add up what workers change in a round from each snapshot, for the study of diversity.

    Reads images and snapshots; writes metrics.
    """
    input:
        images=PATHS.images,
        snapshots=SNAPSHOTS,
        code=lambda wildcards: code(
            "loft.tickets.pretraining.worker_changes",
            KINDS[RUN.data.kind].data,
            NETWORKS[wildcards.model].make,
            METHODS[Cell.parse(wildcards.cell).base],
        ),
    output:
        metrics=UPDATES,
    log:
        text=f"{LOGS}/updates-{{model}}-{{cell}}-seed{{seed}}.log",
        provenance=beside(UPDATES),  # what varies
    benchmark:
        f"{LOGS}/updates-{{model}}-{{cell}}-seed{{seed}}.tsv"
    threads: processes
    resources:
        mem_mb=lambda w: REQUESTS.updates_memory(w.model, w.cell),
        runtime=lambda w: REQUESTS.updates_minutes(w.model, w.cell),
        gpu=lambda w: DEMAND.gpu(Cell.parse(w.cell).workers),
        gpu_memory=lambda w: DEMAND.pretraining(w.model, w.cell, int(w.seed)),
    params:
        settings=lambda w: RUN.worker_changes_job(w.model, w.cell, int(w.seed)).dump(),
        folder=[str(PRETRAINED)],
    shell:
        "python -m loft updates --settings {params.settings:q} --data {input.images:q}"
        " --pretrained {params.folder:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"
