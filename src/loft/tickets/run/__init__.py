"""A run of this study: its settings, its jobs, and the checks before it starts."""
