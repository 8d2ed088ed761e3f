"""What this study's lines and tables must hold for whoever reads them."""
