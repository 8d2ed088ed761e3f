"""Tables of this study, a file each."""
