"""Data sets: what people keep, where it comes from, and batches of it."""
