"""The bytes that pretraining sends, computed from shapes, and the paper's column of them."""
