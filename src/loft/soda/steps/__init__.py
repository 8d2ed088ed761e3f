"""The steps of this study, one module for each `loft soda-...` command."""
