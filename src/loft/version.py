"""The version of this software; no step depends on it."""

__version__ = "0.1.0"
