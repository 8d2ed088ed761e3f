"""LoFT's tickets: pretraining, pruning and fine-tuning, and what they cost (Table 1, Figures 4, 5)."""
