"""Plan a run without starting it: its jobs, time, memory, files, and parts within a budget."""
