"""Pretraining: one worker's training, its snapshots, and what workers change in a round."""
