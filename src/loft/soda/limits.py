"""The largest samples that this study reads."""

MOST_FEATURES = 100_000_000  # a vector of so many takes 0.8 GB; the largest published have half
