from loft.core.data.augmentation import KINDS
from loft.theorem1 import items as theorem1_items
from loft.theorem1 import paths as theorem1_paths
from loft.theorem1.sources import SOURCES, given

THEOREM1 = theorem1_paths.Paths(PATHS.results)
THEOREM1_LINES = THEOREM1.all_lines(RUN.theorem1)


rule theorem1_training:
    """Train with LoFT and gradient descent side by side, on one kind of data.

    Reads images, unless it generates its data; writes metrics.
    """
    input:
        images=lambda wildcards: PATHS.images if wildcards.source == "images" else [],
        code=lambda wildcards: code(
            "loft.theorem1.train",
            SOURCES[wildcards.source],
            *([KINDS[RUN.data.kind].data] if wildcards.source == "images" else []),
        ),
    output:
        metrics=THEOREM1.lines(),
    log:
        text=f"{LOGS}/theorem1-{{source}}.log",
        provenance=beside(THEOREM1.lines()),  # what varies
    benchmark:
        f"{LOGS}/theorem1-{{source}}.tsv"
    wildcard_constraints:
        source="|".join(given(RUN.theorem1)),
    priority: 10
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        settings=lambda w: RUN.theorem1_job(w.source).dump(),
        data=lambda w, input: ["--data", input.images] if input.images else [],
    shell:
        "OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m loft theorem1"
        " --settings {params.settings:q} {params.data:q} --metrics {output.metrics:q}"
        " 2>&1 | tee {log.text:q}"


rule theorem1_tables:
    """Fit slopes and floors, compare them with the bound, and write the summary.

    Reads metrics; writes tables and a summary.
    """
    input:
        metrics=THEOREM1_LINES,
        code=code(
            "loft.theorem1.make_tables",
            *(table.module for table in theorem1_items.TABLES),
        ),
    output:
        tables=reported(theorem1_items.TABLES, THEOREM1.folder, "Theorem 1"),
        summary=THEOREM1.summary,
    log:
        f"{LOGS}/theorem1-report.log",
    benchmark:
        f"{LOGS}/theorem1-report.tsv"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        settings=RUN.theorem1_report.dump(),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m loft theorem1-report --settings {params.settings:q}"
        " --metrics {input.metrics:q} --out {params.folder:q} 2>&1 | tee {log:q}"


rule theorem1_figures:
    """Draw distances, losses and neighbourhoods; beside the tables, not after them.

    Reads metrics; writes figures.
    """
    input:
        metrics=THEOREM1_LINES,
        code=code(
            "loft.theorem1.draw_figures",
            *(
                item.module
                for item in [*theorem1_items.FIGURES, *theorem1_items.TABLES]
            ),
        ),
    output:
        figures=reported(theorem1_items.FIGURES, THEOREM1.folder, "Theorem 1"),
    log:
        f"{LOGS}/theorem1-figures.log",
    benchmark:
        f"{LOGS}/theorem1-figures.tsv"
    priority: 5
    threads: len(theorem1_items.FIGURES)
    resources:
        mem_mb=DRAWING * (1 + len(theorem1_items.FIGURES)),
        runtime=30,
    params:
        settings=RUN.theorem1_report.dump(),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m loft theorem1-figures --settings {params.settings:q}"
        " --metrics {input.metrics:q} --out {params.folder:q} --processes {threads} 2>&1 | tee {log:q}"


TARGETS["theorem1"] = [*rules.theorem1_tables.output, *rules.theorem1_figures.output]


rule theorem1:
    """LoFT's Theorem 1: tables, figures and a summary."""
    input:
        TARGETS["theorem1"],
