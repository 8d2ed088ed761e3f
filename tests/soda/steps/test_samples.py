"""Test the step `loft soda-samples` on generated data and on a file."""

import json
from pathlib import Path

import numpy as np
import pytest

from loft.soda.archives import read_samples
from loft.soda.jobs import SamplesJob
from loft.soda.run import problem_of
from loft.soda.settings import LibsvmData, SodaSettings
from loft.soda.steps import samples


def test_generated_samples_are_normalised_and_signed(folder: Path, soda: SodaSettings) -> None:
    made, data = read_samples(folder / "samples.npz"), problem_of(soda, "clusters").data
    assert made.dataset == "generated"
    assert np.square(made.signed).mean(axis=0) == pytest.approx(1)  # signs do not change squares
    assert made.signed.shape[1] == getattr(data, "features", None)


def test_a_files_manifest_is_written_beside_its_samples(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("+1 1:1\n-1 2:2\n")
    given = {"name": "libsvm", "dataset": "mine", "data_dir": str(tmp_path), "mirrors": []}
    data = LibsvmData.model_validate({**given, "positive": None})
    out, originals = tmp_path / "samples.npz", tmp_path / "originals.json"
    samples.run(SamplesJob(data=data, normalisation="none"), out, originals, tmp_path / "hashes")
    assert np.asarray(read_samples(out).signed).tolist() == [[1, 0], [0, -2]]
    files = json.loads(originals.read_text(encoding="utf-8"))["files"]
    assert [name for name, digest in files.items() if digest] == ["mine"]
