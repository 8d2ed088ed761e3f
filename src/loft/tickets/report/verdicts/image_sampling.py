"""Compute what a sample of test images adds to the interval of a difference of accuracies.

Seeds say how training varies, on the same test images. Other images would give other accuracies:
of N images a network classifies each rightly or not, with variance p (1 - p). For the difference of
two networks on the same images

    e_images^2 = [p (1 - p) + p' (1 - p') - 2 c] / N,    total error^2 = e^2 + e_images^2

where c is the covariance of their being right. The lines hold accuracies alone, so c is unknown; we
leave it out. That is conservative, because c is above zero: images that are hard for one network
are hard for others. It is conservative too that p (1 - p) is the variance of a single network, not
of a mean over seeds, and that chance within a seed is counted in e as well.

Legend: p, p' shares of images that the two networks classify rightly; e the error over seeds.
"""

import math


def image_error(first: float, second: float, images: int) -> float:
    """Return the standard error in points over test images, from two accuracies in percent.

    A printed accuracy was measured on as many images.
    """
    return math.sqrt(sum(each * (100 - each) for each in (first, second)) / images)
