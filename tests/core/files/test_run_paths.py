"""Test the paths that a run's studies share."""

from pathlib import Path

from loft.core.files.run_paths import RunPaths, results_folder


def test_what_is_kept_is_in_one_folder() -> None:
    paths = RunPaths("digits")
    assert paths.results == results_folder("digits") == Path("results/digits")
    for kept in (paths.images, paths.originals, paths.settings, paths.diary):
        assert paths.results in kept.parents
    assert (paths.logs, paths.work) == (Path("logs/digits"), Path("work/digits"))
