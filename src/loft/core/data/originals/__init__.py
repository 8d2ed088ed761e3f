"""Data as people keep it, known by content: files and folders of images that a run reads."""
