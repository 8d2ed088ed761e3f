"""Storing what a run made, and fetching it again, so that Snakemake has nothing to do.

The default run is the one stage of `dvc.yaml`; its files are in the remote inside the repository.
Any other run's go to a remote of the user's own and are named by `.dvc` files beside its results.
With them travels Snakemake's record of how each was made: without it Snakemake would go by time
stamps, which say nothing on a clone, and run everything again.
"""
