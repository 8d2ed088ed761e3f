"""Pretraining: the loop, its snapshots, and what workers change in a round."""
