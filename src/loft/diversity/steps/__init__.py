"""The steps of this study, one module for each `loft diversity-...` command."""
