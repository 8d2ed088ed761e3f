"""The tables of this study, one module each."""
