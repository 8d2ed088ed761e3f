"""Verdicts on what the paper says: on Table 1's accuracies, and on its claims beside them."""
