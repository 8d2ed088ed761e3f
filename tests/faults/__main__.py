"""Interrupt steps of a run again and again: `python -m tests.faults --times 100`.

Each is a step drawn by chance, struck by a signal drawn by chance at a moment drawn by chance,
until it has come to its end in spite of it; then what it made must be what an unbroken one makes,
no process of it may live, and no epoch may have been trained twice, except after SIGKILL. A signal
goes to the step's first process, or to all of its processes at once, as a terminal, `timeout` and a
scheduler's cancel send it; SIGKILL goes to all of them.
"""

import argparse
import itertools
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.faults.harness import PATIENCE, made, orphans
from tests.faults.steps import Case, cases


class Blow(NamedTuple):
    """A signal, and whether all of a step's processes get it."""

    how: signal.Signals
    everyone: bool = False

    def __str__(self) -> str:
        return f"{self.how.name} to all" if self.everyone else self.how.name


KILL = Blow(signal.SIGKILL, everyone=True)
BLOWS = [
    KILL,
    *(Blow(how, everyone) for how in (signal.SIGTERM, signal.SIGINT) for everyone in (False, True)),
]
EPOCH = re.compile(r"^.+  epoch \d+(?=/)", re.MULTILINE)  # of a network's training
LOST = ("other", "orphans", "redone")
SPAN = 1.25  # of an unbroken step's time: steps that keep nothing end only where a blow is late
LATER = 0.1  # more of it after each blow, should the machine have become busier


def main() -> int:
    """Strike so often as asked; print what came of it; return 1 where anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--times", type=int, default=20, metavar="N", help="strikes")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    table: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        ready = list(cases(Path(name)))
        whole = {}
        for case in ready:
            step = case.prepare(Path(name) / f"whole-{case.name}")
            started = time.monotonic()
            step.finish()
            whole[case.name] = made(step.folder / "made"), time.monotonic() - started
        strikes = 0
        while strikes < given.times:
            case = chance.choice(ready)
            expected, seconds = whole[case.name]
            folder = Path(name) / f"struck-{strikes}"
            counts = table.setdefault(case.name, Counter())
            for blow in struck(case, folder, chance, seconds):
                counts[blow] += 1
                strikes += blow not in LOST
            counts["same" if made(folder / "made") == expected else "other"] += 1
            print(case.name, dict(counts), file=sys.stderr)
    return report(table)


def struck(case: Case, folder: Path, chance: random.Random, seconds: float) -> Iterator[str]:
    """Start a step and strike it, again and again, until it ends well; yield each blow's name."""
    last: Blow | None = None
    done: set[str] = set()  # epochs that are not to be trained again
    for count in itertools.count():
        step = case.prepare(folder)  # as Snakemake does, without the outputs of before
        blow, when = chance.choice(BLOWS), chance.uniform(0, (SPAN + LATER * count) * seconds)
        status, session, said = step.strike(blow.how, when, blow.everyone)
        deadline = time.monotonic() + PATIENCE
        while orphans(session) and time.monotonic() < deadline:
            time.sleep(0.1)
        if orphans(session):
            yield "orphans"
        trained = {*EPOCH.findall(said)}
        if done & trained:
            print(f"after {last}:\n{said}", file=sys.stderr)
            yield "redone"
        if status == 0:  # the blow came too late
            return
        if blow != KILL:
            done |= trained
        last = blow
        yield str(blow)


def report(table: dict[str, Counter[str]]) -> int:
    """Print a table of what was struck and how it ended; return 1 where anything was lost."""
    columns = [*map(str, BLOWS), "same", *LOST]
    table["all"] = sum(table.values(), Counter())
    print(f"| step | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for name, counts in table.items():
        print(f"| {name} | {' | '.join(str(counts[column]) for column in columns)} |")
    return int(any(table["all"][column] for column in LOST))


if __name__ == "__main__":
    sys.exit(main())
