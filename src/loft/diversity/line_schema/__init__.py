"""Check the lines that this study's tables and figures are made from."""
