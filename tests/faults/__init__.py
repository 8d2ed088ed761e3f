"""Interrupting jobs, to see that nothing is lost."""
