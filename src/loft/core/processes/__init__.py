"""Processes of a job: starting them, tensors that cross them, signals and ends."""
