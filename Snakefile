"""LoFT, reproduced: `snakemake --cores all` makes every table and figure of a run.

The run is a params file: the default one, or another by `--configfile params/cifar10-quick.yaml`.
"""

if "run" not in config:  # an unconditional default would be merged under the chosen run

    configfile: "params/digits.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"


rule all:
    """Make the run's settings, and the tables and figures of all its studies."""
    input:
        PATHS.settings,
        lambda wildcards: [path for study in RUN.studies for path in TARGETS[study]],


rule record_params:
    """Write the run's settings, all that its results depend on, in one file.

    Writes params.
    """
    input:
        code=code("loft.core.settings.recorded"),
    output:
        params=PATHS.settings,
    log:
        f"{LOGS}/record-params.log",
    benchmark:
        f"{LOGS}/record-params.tsv"
    resources:
        mem_mb=500,
        runtime=10,
    params:
        settings=RUN.dump(),
    shell:
        "python -m loft record-params --settings {params.settings:q} --out {output.params:q}"
        " 2>&1 | tee {log:q}"


if hasattr(RUN, "data"):

    include: "workflow/rules/data.smk"


if "tickets" in RUN.studies:

    include: "workflow/rules/tickets.smk"
    include: "workflow/rules/pretrain.smk"
    include: "workflow/rules/finetune.smk"
    include: "workflow/rules/report.smk"
    include: "workflow/rules/diary.smk"

else:

    rule diary:
        """Nothing: this run trains no network that MLflow's database would show."""
        input:
            [],


if "theorem1" in RUN.studies:

    include: "workflow/rules/theorem1.smk"


if "soda" in RUN.studies:

    include: "workflow/rules/soda.smk"


if "diversity" in RUN.studies:

    include: "workflow/rules/diversity.smk"
