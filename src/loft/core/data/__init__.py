"""Prepare data sets of images and make batches of them."""
