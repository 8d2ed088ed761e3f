"""Check the lines and tables of this study before they are read."""
