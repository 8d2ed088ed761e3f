"""The figures of this study, one module each."""
