from loft.core.reporting.registry import needed
from loft.tickets.report import items

DIARY += FILES.lines
OF_SEED = {
    seed: Files(RUN, TICKETS, [seed]) for seed in RUN.seeds
}  # the files of one seed


rule distance:
    """Measure distances between epochs, along every pretraining of a seed: of rankings, of masks.

    Reads norms and metrics; writes metrics of its own, and pairs: the distances of the dense column.
    """
    input:
        norms=lambda w: OF_SEED[int(w.seed)].norms,
        metrics=lambda w: OF_SEED[int(w.seed)].pretrained,
        code=code("loft.tickets.pruning.distance", *EVERY_NETWORK),
    output:
        metrics=TICKETS.distances(),
        pairs=[
            paths.pairs(TICKETS.pretraining(model.name, UNPRUNED))
            for model in RUN.models
        ],
    log:
        text=f"{LOGS}/distance-seed{{seed}}.log",
        provenance=beside(TICKETS.distances()),  # what varies
    benchmark:
        f"{LOGS}/distance-seed{{seed}}.tsv"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        settings=RUN.distance.dump(),
    shell:
        "python -m loft distance --settings {params.settings:q} --norms {input.norms:q}"
        " --pretrained {input.metrics:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule table:
    """Make Table 1, its verdicts, the claims, and the tables behind them and the figures.

    Reads metrics and what the paper printed; writes tables and a summary.
    """
    input:
        metrics=FILES.lines,
        paper="src/loft/tickets/results/paper_table1.csv",
        code=code(
            "loft.tickets.report.make_tables",
            *(table.module for table in items.MEASURED),
            "loft.tickets.methods",
            *METHODS.values(),  # their titles
        ),
    output:
        tables=reported(items.MEASURED, TICKETS.folder, "LoFT"),
        summary=TICKETS.summary,
    log:
        f"{LOGS}/table.log",
    benchmark:
        f"{LOGS}/table.tsv"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        settings=RUN.table_job().dump(),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m loft table --settings {params.settings:q} --metrics {input.metrics:q}"
        " --out {params.folder:q} --summary {output.summary:q} 2>&1 | tee {log:q}"


if RUN.rates:

    rule learning_rates:
        """Make the table of the learning rates that were tried, and of the best ones.

        Reads metrics; writes a table.
        """
        input:
            metrics=FILES.rates,
            code=code(
                "loft.tickets.report.learning_rates",
                *(table.module for table in items.RATES),
            ),
        output:
            table=reported(items.RATES, TICKETS.folder, "LoFT"),
        log:
            f"{LOGS}/learning-rates.log",
        benchmark:
            f"{LOGS}/learning-rates.tsv"
        resources:
            mem_mb=2000,
            runtime=30,
        params:
            settings=RUN.learning_rates_job().dump(),
            folder=subpath(output[0], parent=True),
        shell:
            "python -m loft learning-rates --settings {params.settings:q}"
            " --metrics {input.metrics:q} --out {params.folder:q} 2>&1 | tee {log:q}"


if RUN.finetune.lengths:

    rule lengths:
        """Make the table of tickets' accuracies by the length of their fine-tuning.

        Reads metrics; writes a table.
        """
        input:
            metrics=[*FILES.tuned, *FILES.lengths],
            code=code(
                "loft.tickets.report.lengths",
                *(table.module for table in items.LENGTHS),
            ),
        output:
            table=reported(items.LENGTHS, TICKETS.folder, "LoFT"),
        log:
            f"{LOGS}/lengths.log",
        benchmark:
            f"{LOGS}/lengths.tsv"
        resources:
            mem_mb=2000,
            runtime=30,
        params:
            folder=subpath(output[0], parent=True),
        shell:
            "python -m loft lengths --metrics {input.metrics:q} --out {params.folder:q}"
            " 2>&1 | tee {log:q}"


rule comm:
    """Predict the printed communication column from the shapes of the paper's networks.

    Reads what the paper printed; writes a table.
    """
    input:
        paper="src/loft/tickets/results/paper_table1.csv",
        code=code(
            "loft.tickets.report.comm",
            *(network.make for network in NETWORKS.values()),
            *METHODS.values(),
        ),
    output:
        table=reported([items.COMM], TICKETS.folder, "LoFT"),
    log:
        f"{LOGS}/comm.log",
    benchmark:
        f"{LOGS}/comm.tsv"
    resources:
        mem_mb=2000,
        runtime=30,
    shell:
        "python -m loft comm --csv > {output.table:q} 2> {log:q}"


rule figures:
    """Draw Figures 1, 4 and 5, distances under other norms, and accuracy against costs.

    Reads tables and pairs, the distances of the dense column; writes figures.
    """
    input:
        tables=[
            table.files(TICKETS.folder)[0]
            for table in needed(items.FIGURES, items.TABLES)
        ],
        pairs=FILES.pairs,
        code=code(
            "loft.tickets.report.draw_figures",
            *(figure.module for figure in items.FIGURES),
            *METHODS.values(),  # how they look
        ),
    output:
        figures=reported(items.FIGURES, TICKETS.folder, "LoFT"),
    log:
        f"{LOGS}/figures.log",
    benchmark:
        f"{LOGS}/figures.tsv"
    threads: len(items.FIGURES)
    resources:
        mem_mb=DRAWING * (1 + len(items.FIGURES)),
        runtime=30,
    params:
        settings=RUN.figures_job().dump(),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m loft figures --settings {params.settings:q} --pairs {input.pairs:q}"
        " --tables {params.folder:q} --processes {threads} 2>&1 | tee {log:q}"


TARGETS["tickets"] = [
    *rules.table.output,
    *rules.comm.output,
    *rules.figures.output,
    *(rules.learning_rates.output if RUN.rates else []),
    *(rules.lengths.output if RUN.finetune.lengths else []),
]


rule tickets:
    """LoFT's tables and figures."""
    input:
        TARGETS["tickets"],


for seed in RUN.seeds:

    rule:
        """Make the lines of one seed, all that its tables need."""
        name:
            f"seed{seed}"
        input:
            OF_SEED[seed].lines,
            OF_SEED[seed].lengths,
