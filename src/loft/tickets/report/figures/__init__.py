"""Figures of this study, a file each."""
