"""How lines hold measured numbers."""

from typing import Any

DIGITS = 6  # significant


def short(value: Any) -> Any:
    """Return numbers, wherever they are, to some significant digits."""
    if isinstance(value, dict):
        return {key: short(part) for key, part in value.items()}
    if isinstance(value, list):
        return [short(part) for part in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
