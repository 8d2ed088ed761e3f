"""Pruning: rankings of filters, criteria, distances, masks and tickets."""
