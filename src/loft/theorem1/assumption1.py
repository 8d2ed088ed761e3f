"""Scale and check training data as Assumption 1 of LoFT v2 requires.

The patching operator phi replaces each pixel by the q pixels around it. Images are scaled to
|X_i|_F = q^-1/2, so |phi(X_i)|_F <= 1 and every patch has at most length 1. Targets are between -1
and 1. No two samples may be parallel; this makes lambda_0 > 0.
"""

import numpy as np

from loft.core.errors import UserError
from loft.theorem1.kernel import infinite_width_kernel
from loft.theorem1.network import Array, Problem


def scale_samples(values: Array, window: int) -> Array:
    """Scale each of the samples (n, ...) to norm `window`^-1/2."""
    norms = np.linalg.norm(values.reshape(len(values), -1), axis=1)
    return np.asarray(values / (np.sqrt(window) * norms.reshape(-1, *[1] * (values.ndim - 1))))


def require_not_parallel(problem: Problem, key: str) -> Problem:
    """Return the problem if no two samples are parallel.

    Raises:
        UserError: two samples are parallel or nearly so; it names `theorem1.<key>.samples`.
    """
    least = infinite_width_kernel(problem).smallest_eigenvalue
    if least < 1e-6:
        raise UserError(
            f"theorem1.{key}.samples: found a kernel with least eigenvalue {least:.1e}; expected "
            "samples that are not parallel, or fewer of them"
        )
    return problem
