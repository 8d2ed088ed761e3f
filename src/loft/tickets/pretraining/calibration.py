"""Hold the batch size with which BatchNorm's statistics are estimated again."""

CALIBRATION_BATCH = 128  # images
