"""Round measured numbers for the lines of metrics files."""

from typing import Any

DIGITS = 6  # significant digits


def short(value: Any) -> Any:
    """Round a float to `DIGITS` significant digits, also inside lists and dicts."""
    if isinstance(value, dict):
        return {key: short(part) for key, part in value.items()}
    if isinstance(value, list):
        return [short(part) for part in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
