"""Bytes that pretraining sends, computed from shapes, and the paper's communication column."""
