"""Adapt to the machine and to Snakemake: GPUs, missing tools, records, messages."""
