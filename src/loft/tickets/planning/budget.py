"""Which part of a run answers most within a budget of device time.

All choices are looked at, so that the best is found and a larger budget never answers less. Of
those that fit, the one is taken that has most of

    1. comparisons: of final tickets, LoFT-S with a baseline of S workers, and 4 workers with 2, at
       each ratio, on each network, whatever the number of seeds;
    2. comparisons times seeds: without a second seed every verdict is `underpowered`;
    3. side questions times seeds: LoFT's early tickets against GPipe's (Figure 5), and controls;
    4. rows and tickets times seeds: what stands for itself, such as LoFT-8.

A line counts only between choices that are equal in those before it; the last is the least time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from loft.core.errors import UserError
from loft.tickets.planning.alternatives import Answers, Choice, changes, choices
from loft.tickets.planning.planner import Planner
from loft.tickets.run.params import Run

SECONDS = {"m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class LeftOut:
    """A part of a run that was not chosen, and what taking it too would need, in device-seconds.

    `brings`: cells that would have to come along.
    """

    what: str
    seconds: float
    brings: list[str]


@dataclass(frozen=True)
class Outcome:
    """What a budget buys.

    Attributes:
        budget: in device-seconds, like the others.
        whole: what the run needs.
        smallest: what the smallest choice needs.
        seconds: what is chosen needs; 0 where nothing fits, and then nothing else is given.
        models, cells, controls: names of those chosen, in the run's order.
        seeds: those chosen.
        early: whether tickets of early snapshots are.
        answers: by name.
        left_out: what is not.
        changes: keys of the params file and their new values, for a run of the choice alone.
    """

    budget: float
    whole: float
    smallest: float
    seconds: float
    models: list[str]
    cells: list[str]
    controls: list[str]
    seeds: list[int]
    early: bool
    answers: dict[str, int]
    left_out: list[LeftOut]
    changes: dict[str, Any]


def parse(text: str) -> float:
    """Read a budget such as "20h" as device-seconds. Raises UserError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([mhd])", text)
    if found is None or not float(found[1]):
        raise UserError(
            f"--budget: found '{text}'; expected device time in minutes, hours or days, such as "
            "90m, 20h or 2d"
        )
    return float(found[1]) * SECONDS[found[2]]


def spend(planner: Planner, run: Run, seconds: float) -> Outcome:
    """Choose a part of a run that needs at most so many device-seconds."""
    options = choices(planner, run)
    best = choose(options, seconds)
    nothing = Choice(frozenset(), frozenset(), frozenset(), 0, False, 0.0, Answers(0, 0, 0, 0))
    taken = best or nothing
    return Outcome(
        budget=seconds,
        whole=len(run.seeds) * sum(planner.device_seconds(run, model) for model in run.models),
        smallest=min(choice.seconds for choice in options),
        seconds=taken.seconds,
        models=[model.name for model in run.models if model.name in taken.models],
        cells=[cell.name for cell in run.cells if cell.name in taken.cells],
        controls=[control for control in run.controls if control in taken.controls],
        seeds=run.seeds[: taken.seeds],
        early=taken.early,
        answers=taken.answers._asdict(),
        left_out=left_out(run, options, best) if best else [],
        changes=changes(run, best) if best else {},
    )


def choose(options: Iterable[Choice], seconds: float) -> Choice | None:
    """Return the best choice that fits, or None where not even the smallest does."""
    fitting = [choice for choice in options if choice.seconds <= seconds]
    return max(fitting, key=lambda choice: (choice.answers, -choice.seconds), default=None)


def left_out(run: Run, options: list[Choice], best: Choice) -> list[LeftOut]:
    """Return what was not chosen, a thing at a time, with what it would need beside the choice."""
    more: dict[str, Choice] = {}
    for model in run.models:
        more[f"model {model.name}"] = best._replace(models=best.models | {model.name})
    for cell in run.cells:
        more[f"cell {cell.name}"] = best._replace(cells=best.cells | {cell.name})
    for control in run.controls:
        more[f"control {control}"] = best._replace(controls=best.controls | {control})
    if best.seeds < len(run.seeds):
        more[f"seed {run.seeds[best.seeds]}"] = best._replace(seeds=best.seeds + 1)
    if run.finetune.early.ratios:
        more["early tickets"] = best._replace(early=True)
    found = []
    for what, wanted in more.items():
        if wanted != best:
            least = min((each for each in options if each.has(wanted)), key=lambda c: c.seconds)
            brings = sorted(least.cells - wanted.cells)
            found.append(LeftOut(what, least.seconds - best.seconds, brings))
    return found
