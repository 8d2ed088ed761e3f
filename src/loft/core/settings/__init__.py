"""Params files and settings: types, checks and messages."""
