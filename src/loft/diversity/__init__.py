"""Gradient diversity (Yin et al., 2017) and the batch sizes that it allows."""
