"""Store the files of a run with DVC and fetch them again, so that Snakemake has nothing to do.

The default run is the one stage of `dvc.yaml`; its files are in the remote inside the repository.
The files of other runs go to a remote of the user and are named by `.dvc` files beside the results.
Snakemake's records of how each file was made are stored too: without them Snakemake would compare
time stamps, which mean nothing on a clone, and run everything again.
"""
