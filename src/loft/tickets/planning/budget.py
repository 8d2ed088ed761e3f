"""Choose the part of a run that makes the most comparisons within a budget of device time.

All choices are considered, so the best one is found, and a larger budget never gives less. Of the
choices that fit, the one with the most of these is taken:

    1. comparisons of final tickets: LoFT-S with a baseline of S workers, and 4 workers with 2, at
       each ratio, on each network; the number of seeds does not count here;
    2. comparisons times seeds: with a single seed every verdict is `undecided`;
    3. side questions times seeds: LoFT's early tickets against GPipe's (Figure 5), and controls;
    4. rows and tickets times seeds, also those that are not compared, such as LoFT-8.

A criterion is used only between choices that are equal in all criteria above it. Of choices that
are equal in all four, the one with the least time is taken.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from loft.core.errors import UserError
from loft.tickets.planning.alternatives import Answers, Choice, changes, list_choices
from loft.tickets.planning.planner import Planner
from loft.tickets.run.run import Run

SECONDS = {"m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class LeftOut:
    """A part of a run that was not chosen, and the device-seconds that it would need in addition.

    `brings`: cells that would have to be chosen with it.
    """

    what: str
    seconds: float
    brings: list[str]


@dataclass(frozen=True)
class Outcome:
    """The part of a run that a budget allows. Times are in device-seconds.

    Attributes:
        budget: the budget.
        whole: time of the whole run.
        smallest: time of the smallest choice.
        seconds: time of the chosen part; 0 if nothing fits, and then all lists are empty.
        models, cells, controls: names of those chosen, in the run's order.
        seeds: the chosen seeds.
        early: whether tickets of early snapshots are chosen.
        answers: numbers of comparisons, by name.
        left_out: parts that were not chosen.
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
    """Choose a part of a run that needs at most so many device-seconds.

    Raises:
        UserError: a method has variants.
    """
    for name, options in run.methods.given().items():
        if options.variants:
            raise UserError(
                f"methods.{name}.variants: found {', '.join(options.variants)}; expected none with "
                "--budget, which chooses among methods"
            )
    choices = list_choices(planner, run)
    best = choose(choices, seconds)
    nothing = Choice(frozenset(), frozenset(), frozenset(), 0, False, 0.0, Answers(0, 0, 0, 0))
    taken = best or nothing
    return Outcome(
        budget=seconds,
        whole=len(run.seeds) * sum(planner.device_seconds(run, model) for model in run.models),
        smallest=min(choice.seconds for choice in choices),
        seconds=taken.seconds,
        models=[model.name for model in run.models if model.name in taken.models],
        cells=[cell.name for cell in run.cells if cell.name in taken.cells],
        controls=[control for control in run.controls if control in taken.controls],
        seeds=run.seeds[: taken.seeds],
        early=taken.early,
        answers=taken.answers._asdict(),
        left_out=left_out(run, choices, best) if best else [],
        changes=changes(run, best) if best else {},
    )


def choose(options: Iterable[Choice], seconds: float) -> Choice | None:
    """Return the best choice that fits, or None if not even the smallest fits."""
    fitting = [choice for choice in options if choice.seconds <= seconds]
    return max(fitting, key=lambda choice: (choice.answers, -choice.seconds), default=None)


def left_out(run: Run, options: list[Choice], best: Choice) -> list[LeftOut]:
    """Return each part that was not chosen, with the time that it would need in addition."""
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
