"""What every study shares; imports nothing from the studies."""
