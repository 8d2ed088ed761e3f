"""What this study's lines must hold for its tables and figures."""
