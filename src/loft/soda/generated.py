"""Generate data, so that every step runs without a download."""

import numpy as np
from scipy.sparse import csr_array

from loft.core.seeding import stream
from loft.soda.normalisation import Samples, normalise
from loft.soda.settings import GeneratedData, SparseData

SKEW = 3.0  # column numbers are uniform variates to this power: low columns occur most often
RELEVANT = 0.05  # share of the features that the labels depend on
NOISE = 0.1  # deviation of the noise on the margins, which have deviation 1


def madelon_like(settings: GeneratedData) -> Samples:
    """Generate samples with scikit-learn's generator, which also made madelon."""
    from sklearn.datasets import make_classification

    values, classes = make_classification(
        n_samples=settings.samples,
        n_features=settings.features,
        n_informative=settings.informative,
        n_redundant=settings.redundant,
        n_clusters_per_class=settings.clusters,
        flip_y=settings.flipped,
        random_state=settings.seed,
    )
    return Samples("generated", values, 2.0 * classes - 1)


def sparse(settings: SparseData) -> Samples:
    """Generate sparse rows of unit length; labels are a sparse linear rule with noise."""
    random = stream("sparse samples", settings.seed)
    m, n = settings.samples, settings.features
    entries = int(settings.density * m * n)
    rows = random.integers(m, size=entries, dtype=np.int32)
    columns = (n * random.random(entries) ** SKEW).astype(np.int32)
    values = csr_array((random.lognormal(size=entries), (rows, columns)), shape=(m, n))
    scaled = normalise(Samples("", values, np.zeros(m)), "rows")
    weights = random.standard_normal(n) * (random.random(n) < RELEVANT)
    margins = scaled @ weights
    margins = (margins - margins.mean()) / margins.std()
    labels = np.where(margins + NOISE * random.standard_normal(m) > 0, 1.0, -1.0)
    return Samples("sparse", scaled, labels)
