"""The machine and Snakemake: GPUs, what is missing, records and messages."""
