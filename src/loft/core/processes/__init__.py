"""Start the processes of a job, send tensors between them, handle signals and failures."""
