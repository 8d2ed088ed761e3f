"""Measure this project's speed, as ratios of contenders measured side by side in one run."""
