"""A problem's samples: read or generated, normalised, times their labels."""

from pathlib import Path

from loft.soda import generated, libsvm
from loft.soda.config import GeneratedData, LibsvmData
from loft.soda.jobs import SamplesJob
from loft.soda.samples import normalise, signed
from loft.soda.storage import Prepared, write_samples


def run(job: SamplesJob, out: Path) -> None:
    """Write the samples to `out`. Raises UserError where they are missing or damaged."""
    data = job.data
    if isinstance(data, LibsvmData):
        samples = libsvm.load(data)
    elif isinstance(data, GeneratedData):
        samples = generated.madelon_like(data)
    else:
        samples = generated.sparse(data)
    values = normalise(samples, job.normalisation)
    write_samples(out, Prepared(samples.dataset, signed(values, samples.labels)))
