"""List the files of a run's jobs, which its tables and figures are made from.

The rules ask for these files, and `loft reprint` reads them, so that both have the same list.
"""

from pathlib import Path

from loft.tickets.results import paths
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.results.paths import Paths
from loft.tickets.run.run import Run


class Files:
    """The files of all jobs of a run, for every network and seed, in the order of the tables.

    Args:
        run: the run.
        own: makes its paths.
        only: the seeds whose files are listed; None: all.

    Attributes:
        norms: the filter norms of every pretraining.
        pretrained: the lines of every pretraining, in the same order.
        tuned: the lines of every fine-tuning.
        lines: the lines of all jobs.
        pairs: distances between all pairs of epochs of the dense column.
        rates: the lines of the pretrainings that compare learning rates.
        lengths: the lines of fine-tunings of other lengths.
        updates: lines about the workers' changes in a round; no table of this study needs them.
    """

    def __init__(self, run: Run, own: Paths, only: list[int] | None = None) -> None:
        models = [model.name for model in run.models]
        all_seeds = run.seeds if only is None else only
        cells = [*run.trained, UNPRUNED]

        def lines(listed: list[str], step: str = "", seeds: list[int] = all_seeds) -> list[Path]:
            return [
                own.lines(model, cell, seed, step)
                for model in models
                for cell in listed
                for seed in seeds
            ]

        self.norms = [
            paths.norms(own.pretraining(model, cell, seed))
            for model in models
            for cell in cells
            for seed in all_seeds
        ]
        self.pretrained = lines(cells)
        self.tuned = lines([*run.trained, *run.controls], "finetune")
        self.lines = [
            *self.pretrained,
            *lines(run.measured),
            *self.tuned,
            *map(own.distances, all_seeds),
        ]
        self.pairs = [
            paths.pairs(own.pretraining(model, UNPRUNED, seed))
            for model in models
            for seed in all_seeds
        ]
        self.lengths = [
            path
            for epochs in run.finetune.lengths
            for path in lines(run.trained, paths.length(epochs))
        ]
        self.rates = [
            own.tried_lines(model, cell, seed, rate)
            for model in models
            for cell in run.rated
            for seed in (run.rates.seeds if run.rates and only is None else [])
            for rate in (run.rates.grid if run.rates else [])
        ]
        measured = run.updates.cells if run.updates else []
        self.updates = lines(measured, "updates", all_seeds[:1])
