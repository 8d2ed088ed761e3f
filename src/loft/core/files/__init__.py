"""Write and read files: atomic writes, weights, downloads, and the code files of each step."""
