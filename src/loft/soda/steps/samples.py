"""Read or generate a problem's samples, normalise them and multiply them by their labels."""

from pathlib import Path

from loft.core.data.originals.hashes import Hashes
from loft.core.data.originals.manifest import Manifest, read_again
from loft.core.errors import UserError
from loft.soda import generated, libsvm
from loft.soda.archives import PreparedSamples, write_samples
from loft.soda.jobs import SamplesJob
from loft.soda.normalisation import normalise, signed
from loft.soda.settings import GeneratedData, LibsvmData


def run(
    job: SamplesJob, out: Path, originals: Path | None = None, cache: Path | None = None
) -> None:
    """Write the samples to `out`.

    Args:
        job: the data and their normalisation.
        out: npz file to write.
        originals: file to write, the `Manifest` of the files that were read.
        cache: folder of `Hashes`.

    Raises:
        UserError: the samples are missing or damaged, or their file changed during reading.
    """
    data = job.data
    read = Manifest()
    if isinstance(data, LibsvmData):
        wanted, hashes = Manifest(dict.fromkeys(libsvm.file_names(data.dataset))), Hashes(cache)
        before = read_again(Path(data.data_dir), wanted, hashes)
        samples = libsvm.load(data)
        read = read_again(Path(data.data_dir), wanted, hashes)
        if not before.empty and before != read:
            raise UserError(f"data_dir: {data.data_dir}: {data.dataset} changed while it was read")
    elif isinstance(data, GeneratedData):
        samples = generated.madelon_like(data)
    else:
        samples = generated.sparse(data)
    values = normalise(samples, job.normalisation)
    write_samples(out, PreparedSamples(samples.dataset, signed(values, samples.labels)))
    if originals is not None:
        read.write(originals)
