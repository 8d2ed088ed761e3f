"""LoFT's tickets: pretraining, pruning, fine-tuning and their cost (Table 1, Figures 4, 5)."""
