"""Training data as Assumption 1 of LoFT v2 has it: patches of images of equal, small norm.

The patching operator phi makes of each pixel the q pixels around it, so that with |X_i|_F = q^-1/2
|phi(X_i)|_F <= 1 and every patch is at most 1 long; targets are at most 1 in size. The assumption
also wants no two samples parallel, which is why lambda_0 > 0; it is checked.
"""

import numpy as np

from loft.core.errors import UserError
from loft.theorem1.kernel import infinite_width_kernel
from loft.theorem1.network import Array, Problem


def scale_samples(values: Array, window: int) -> Array:
    """Return samples (n, ...) of norm `window`^-1/2 each."""
    norms = np.linalg.norm(values.reshape(len(values), -1), axis=1)
    return np.asarray(values / (np.sqrt(window) * norms.reshape(-1, *[1] * (values.ndim - 1))))


def require_not_parallel(problem: Problem, key: str) -> Problem:
    """Return a problem whose samples are not parallel.

    Raises:
        UserError: two are, or nearly; names `theorem1.<key>.samples`.
    """
    least = infinite_width_kernel(problem).least
    if least < 1e-6:
        raise UserError(
            f"theorem1.{key}.samples: found a kernel with least eigenvalue {least:.1e}; expected "
            "samples that are not parallel, or fewer of them"
        )
    return problem
