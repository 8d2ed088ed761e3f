"""Read original files and folders of images, and notice when their content changes."""
