"""Fine-tuning: train tickets to the end."""
