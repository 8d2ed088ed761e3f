"""How images are cut when BatchNorm's statistics are measured anew."""

CALIBRATION_BATCH = 128  # images at a time
