"""Train a network on one device: steps, captured steps, saved state, check of the processor."""
