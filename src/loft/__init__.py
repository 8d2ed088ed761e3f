"""Reproduction of LoFT: finding lottery tickets through filter-wise training."""
