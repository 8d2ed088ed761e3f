"""Read params files and check settings."""
