"""The kinds of data that this study trains on, by the key of their settings."""

from loft.theorem1.settings import TrainingSettings

SOURCES = {
    "synthetic": "loft.theorem1.synthetic:prepare",
    "images": "loft.theorem1.images:prepare",
}


def given(settings: TrainingSettings) -> list[str]:
    """Return the kinds of data that settings ask for."""
    return [name for name in SOURCES if getattr(settings, name) is not None]
