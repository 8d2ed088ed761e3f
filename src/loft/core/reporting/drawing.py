"""Draw the figures of a study: all of them or none, several at a time."""

import shutil
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from loft.core.files.atomic import temporary_name, writing
from loft.core.processes.forked import cores, run_all
from loft.core.reporting.registry import Item, Materials


def draw_all(
    figures: Iterable[Item], materials: Materials, folder: Path, processes: int | None = None
) -> None:
    """Draw figures into `folder`, as SVG and PNG. Earlier files stay until all are drawn.

    Args:
        figures: the figures to draw.
        materials: what they need; it is prepared here, before any process starts.
        folder: to write to.
        processes: how many figures to draw at a time; None: as many as there are cores.

    Raises:
        UserError: a file is damaged, or has nothing to draw.
        JobError: a figure cannot be written.
    """
    figures = [*figures]
    for figure in figures:
        materials.prepare(figure)
    with writing(folder):
        unfinished = temporary_name(folder / "figures")
        try:
            calls = []
            for figure in figures:
                paths = [Path(path) for path in figure.files(unfinished)]
                calls.append(partial(materials.call, figure, "draw", paths))
            run_all(calls, processes or cores())
            for path in sorted(unfinished.iterdir()):
                path.replace(folder / path.name)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
