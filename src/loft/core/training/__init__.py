"""Training a network on one device: steps, capture, state, and a check of the processor."""
