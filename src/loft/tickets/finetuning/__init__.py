"""Fine-tuning: tickets trained to the end."""
