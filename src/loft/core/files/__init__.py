"""Files that appear whole: writing, locks, weights, downloads, and the code of each step."""
