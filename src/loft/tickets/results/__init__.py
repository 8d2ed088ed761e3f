"""Names, paths and contents of what this study's steps write."""
