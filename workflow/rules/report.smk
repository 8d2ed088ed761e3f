MODELS = [model.name for model in RUN.models]
EVERY = {"model": MODELS, "seed": RUN.seeds}
LEARNT = [*TRAINED, UNPRUNED]
NORMS = expand(f"{PRETRAINING}/norms.safetensors", cell=LEARNT, **EVERY)
PRETRAINED = expand(f"{LINES}/metrics.jsonl", cell=LEARNT, **EVERY)
MEASURED = expand(f"{LINES}/metrics.jsonl", cell=RUN.measured, **EVERY)
FINETUNED = expand(
    f"{LINES}/finetune/metrics.jsonl", cell=[*TRAINED, *RUN.controls], **EVERY
)
DISTANCES = f"{TICKETS}/metrics/distances/metrics.jsonl"
METRICS = [*PRETRAINED, *MEASURED, *FINETUNED, DISTANCES]
DIARY += METRICS
PAIRS = f"{DENSE_COLUMN}/pairs.safetensors"
TABLES = [f"{TICKETS}/{name}.csv" for name in ["tickets", "distances", "stopping"]]
FIGURES = [
    f"{TICKETS}/{name}"
    for name in ["figure1", "figure1-layers", "figure4", "figure5", "norms", "bytes"]
]


rule distance:
    """Measure distances between epochs, along every pretraining: of rankings and of masks."""
    input:
        norms=NORMS,
        metrics=PRETRAINED,
        code=code("loft.tickets.pruning.distance", *EVERY_NETWORK),
    output:
        metrics=DISTANCES,
        pairs=expand(PAIRS, **EVERY),
    log:
        text=f"{LOGS}/distance.log",
        provenance=f"{TICKETS}/metrics/distances/provenance.jsonl",  # what varies
    params:
        settings=RUN.distance.dump(),
    shell:
        "python -m loft distance --settings {params.settings:q} --norms {input.norms:q}"
        " --pretrained {input.metrics:q} --metrics {output.metrics:q} 2>&1 | tee {log.text:q}"


rule table:
    """Make Table 1, its verdicts, the claims, and the tables behind them and the figures."""
    input:
        metrics=METRICS,
        paper="src/loft/tickets/results/paper_table1.csv",
        code=code(
            "loft.tickets.report.table",
            "loft.tickets.methods",  # their titles
        ),
    output:
        tables=TABLES,
        table1=report(
            f"{TICKETS}/table1.csv",
            category="LoFT",
            caption="../report/table1.rst",
            labels={"result": "Table 1"},
        ),
        verdicts=f"{TICKETS}/verdicts.csv",
        claims=report(
            f"{TICKETS}/claims.csv",
            category="LoFT",
            caption="../report/claims.rst",
            labels={"result": "Claims"},
        ),
        printed=[f"{TICKETS}/table1.md", f"{TICKETS}/table1.tex"],
        summary=f"{ROOT}/metrics.json",
    log:
        f"{LOGS}/table.log",
    params:
        settings=RUN.table_job().dump(),
        folder=subpath(output.table1, parent=True),
    shell:
        "python -m loft table --settings {params.settings:q} --metrics {input.metrics:q}"
        " --out {params.folder:q} --summary {output.summary:q} 2>&1 | tee {log:q}"


rule comm:
    """Predict the printed communication column from the shapes of the paper's networks."""
    input:
        paper="src/loft/tickets/results/paper_table1.csv",
        code=code(
            "loft.tickets.communication.comm",
            *(network.make for network in NETWORKS.values()),
            *(method.sent for method in METHODS.values()),
        ),
    output:
        table=report(
            f"{TICKETS}/comm.csv",
            category="LoFT",
            caption="../report/comm.rst",
            labels={"result": "Communication, predicted"},
        ),
    log:
        f"{LOGS}/comm.log",
    shell:
        "python -m loft comm --csv > {output.table:q} 2> {log:q}"


rule figures:
    """Draw Figures 1, 4 and 5, distances under other norms, and accuracy against bytes."""
    input:
        tables=[*TABLES, f"{TICKETS}/table1.csv"],
        pairs=rules.distance.output.pairs,
        code=code("loft.tickets.report.figures", "loft.tickets.methods"),
    output:
        figure1=report(
            f"{TICKETS}/figure1.svg",
            category="LoFT",
            caption="../report/figure1.rst",
            labels={"result": "Figure 1"},
        ),
        layers=report(
            f"{TICKETS}/figure1-layers.svg",
            category="LoFT",
            caption="../report/figure1-layers.rst",
            labels={"result": "Figure 1, layer by layer"},
        ),
        figure4=report(
            f"{TICKETS}/figure4.svg",
            category="LoFT",
            caption="../report/figure4.rst",
            labels={"result": "Figure 4"},
        ),
        figure5=report(
            f"{TICKETS}/figure5.svg",
            category="LoFT",
            caption="../report/figure5.rst",
            labels={"result": "Figure 5"},
        ),
        norms=report(
            f"{TICKETS}/norms.svg",
            category="LoFT",
            caption="../report/norms.rst",
            labels={"result": "Filter distance by norm"},
        ),
        bytes=report(
            f"{TICKETS}/bytes.svg",
            category="LoFT",
            caption="../report/bytes.rst",
            labels={"result": "Accuracy against bytes"},
        ),
        bitmaps=[f"{figure}.png" for figure in FIGURES],
    log:
        f"{LOGS}/figures.log",
    params:
        settings=RUN.figures_job().dump(),
        folder=subpath(output.figure4, parent=True),
    shell:
        "python -m loft figures --settings {params.settings:q} --pairs {input.pairs:q}"
        " --tables {params.folder:q} 2>&1 | tee {log:q}"


TARGETS["tickets"] = [
    *(f"{TICKETS}/table1.{form}" for form in ["csv", "md", "tex"]),
    *(f"{TICKETS}/{name}.csv" for name in ["verdicts", "claims", "comm"]),
    *(f"{figure}.{form}" for figure in FIGURES for form in ["svg", "png"]),
    f"{ROOT}/metrics.json",
]


rule tickets:
    """LoFT's tables and figures."""
    input:
        TARGETS["tickets"],
