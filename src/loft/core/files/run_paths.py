"""Make the paths of a run's files that belong to no study, and name what every study keeps.

The rules and Python both take them from here; each study has a module `paths` for its own files.
"""

from pathlib import Path

LINES = "metrics.jsonl"  # the file of what a job measured


def results_folder(run: str) -> Path:
    """Return the folder of everything that a run makes and keeps."""
    return Path("results") / run


class RunPaths:
    """The files of a run that all its studies share.

    Attributes:
        results: the folder of what is kept.
        logs: the folder of what jobs print and of their benchmarks.
        work: the folder of unfinished jobs' state.
        images: the images, or the names of their files.
        originals: the files that the images were made from, with their hashes.
        settings: the run's complete settings.
        diary: MLflow's database.
    """

    def __init__(self, run: str) -> None:
        self.results = results_folder(run)
        self.logs = Path("logs") / run
        self.work = Path("work") / run
        self.images = self.results / "data" / "images.safetensors"
        self.originals = self.results / "data" / "originals.json"
        self.settings = self.results / "params.yaml"
        self.diary = self.results / "mlflow.db"
