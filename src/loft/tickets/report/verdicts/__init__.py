"""Verdicts on the accuracies of Table 1 and on the paper's claims beside it."""
