"""The steps of this study."""
