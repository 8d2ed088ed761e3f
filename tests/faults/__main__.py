"""Interrupt pretrainings again and again: `python -m tests.faults --times 100`.

Each is of a method drawn by chance, and is struck by a signal drawn by chance at a moment drawn by
chance, until it has come to its end in spite of it; then what it made must be what an unbroken one
makes, and no process of it may live.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from loft.core.data import write
from loft.core.sources import prepare
from loft.tickets.config import Run
from tests.conftest import TINY
from tests.faults.harness import PATIENCE, Step, made, orphans
from tests.faults.test_resume import long, pretraining

CELLS = ["dense", "gpipe-2", "local_sgd-2", "loft-2"]
SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]


def main() -> int:
    """Strike so often as asked; print what came of it; return 1 where anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--times", type=int, default=20, metavar="N", help="strikes")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run, images = Run.model_validate(TINY), folder / "images.safetensors"
        write(prepare(run.data, loaders=0), images)
        whole = {}
        for cell in CELLS:
            step = pretraining(long(run, cell), images, folder / f"whole-{cell}")
            started = time.monotonic()
            step.finish()
            whole[cell] = made(step.folder / "made"), time.monotonic() - started
        while counts["strikes"] < given.times:
            cell = chance.choice(CELLS)
            expected, seconds = whole[cell]
            step = pretraining(long(run, cell), images, folder / "struck")
            for said in strikes(step, chance, seconds):
                counts.update(["strikes", said])
            same = made(step.folder / "made") == expected
            counts["ended the same" if same else "ended otherwise"] += 1
            shutil.rmtree(step.folder)
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    return int(counts["ended otherwise"] + counts["left orphans"] > 0)


def strikes(step: Step, chance: random.Random, seconds: float) -> Iterator[str]:
    """Start a step and strike it, again and again, until it ends well; yield each blow's name."""
    while True:
        how, when = chance.choice(SIGNALS), chance.uniform(0, seconds)
        status, session = step.strike(how, when)
        deadline = time.monotonic() + PATIENCE
        while orphans(session) and time.monotonic() < deadline:
            time.sleep(0.1)
        if orphans(session):
            yield "left orphans"
        if status == 0:  # the blow came too late
            return
        yield how.name
        shutil.rmtree(step.folder / "made", ignore_errors=True)  # as Snakemake does


if __name__ == "__main__":
    sys.exit(main())
