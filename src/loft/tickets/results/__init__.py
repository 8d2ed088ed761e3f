"""Names, paths and contents of the files that this study's steps write."""
