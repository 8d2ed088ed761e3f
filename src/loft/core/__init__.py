"""Shared by all studies: files, data, processes, training, reporting. It imports no study."""
