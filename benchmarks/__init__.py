"""What this project's speed is, as ratios of things measured side by side in one run."""
