"""A run of this study: its settings, its jobs, and checks before it starts."""
