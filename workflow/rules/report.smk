from loft.core.reporting.registry import needed
from loft.tickets.report import items

DIARY += FILES.lines


rule distance:
    """Measure distances between epochs, along every pretraining: of rankings and of masks."""
    input:
        norms=FILES.norms,
        metrics=FILES.pretrained,
        code=code("loft.tickets.pruning.distance", *EVERY_NETWORK),
    output:
        metrics=TICKETS.distances,
        pairs=FILES.pairs,
    log:
        text=f"{LOGS}/distance.log",
        provenance=beside(TICKETS.distances),  # what varies
    params:
        settings=RUN.distance.dump(),
    shell:
        "python -m loft distance --settings {params.settings:q} --norms {input.norms:q}"
        " --pretrained {input.metrics:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule table:
    """Make Table 1, its verdicts, the claims, and the tables behind them and the figures."""
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
    params:
        settings=RUN.table_job().dump(),
        folder=str(TICKETS.folder),
    shell:
        "python -m loft table --settings {params.settings:q} --metrics {input.metrics:q}"
        " --out {params.folder:q} --summary {output.summary:q} 2>&1 | tee {log:q}"


rule comm:
    """Predict the printed communication column from the shapes of the paper's networks."""
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
    shell:
        "python -m loft comm --csv > {output.table:q} 2> {log:q}"


rule figures:
    """Draw Figures 1, 4 and 5, distances under other norms, and accuracy against bytes."""
    input:
        tables=[
            table.files(TICKETS.folder)[0]
            for table in needed(items.FIGURES, items.TABLES)
        ],
        pairs=rules.distance.output.pairs,
        code=code(
            "loft.tickets.report.draw_figures",
            *(figure.module for figure in items.FIGURES),
            *METHODS.values(),  # how they look
        ),
    output:
        figures=reported(items.FIGURES, TICKETS.folder, "LoFT"),
    log:
        f"{LOGS}/figures.log",
    params:
        settings=RUN.figures_job().dump(),
        folder=str(TICKETS.folder),
    shell:
        "python -m loft figures --settings {params.settings:q} --pairs {input.pairs:q}"
        " --tables {params.folder:q} 2>&1 | tee {log:q}"


TARGETS["tickets"] = [
    *rules.table.output,
    *rules.comm.output,
    *rules.figures.output,
]


rule tickets:
    """LoFT's tables and figures."""
    input:
        TARGETS["tickets"],
