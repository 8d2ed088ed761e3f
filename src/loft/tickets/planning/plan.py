"""Plan a run, as text or as JSON, without starting it."""

import dataclasses
import json
import math

from loft.core.data.dimensions import dimensions
from loft.core.errors import UserError
from loft.tickets.planning import budget, speed
from loft.tickets.planning.as_text import to_text
from loft.tickets.planning.planner import Planner
from loft.tickets.planning.summary import report
from loft.tickets.run.run import Run


def run(run: Run, tflops: str | None, limit: str | None, as_json: bool) -> str:
    """Return the plan of a run as text or as JSON.

    Args:
        run: the run.
        tflops: a device's speed in TFLOP/s; None: time some steps on this machine.
        limit: budget of device time, such as "20h".
        as_json: whether to return JSON.

    Raises:
        UserError: a number cannot be read, the run does not have this study, or images that must
            be read are missing.
    """
    if "tickets" not in run.studies:
        raise UserError(
            f"studies: found {run.studies}; expected 'tickets' among them: no other is planned"
        )
    seconds = None if limit is None else budget.parse(limit)
    rate = None if tflops is None else _positive(tflops)
    data = dimensions(run.data)
    pace = speed.measure(run, data) if rate is None else speed.stated(run, rate)
    planner = Planner(data, pace)
    found = report(planner, run, None if seconds is None else budget.spend(planner, run, seconds))
    if as_json:
        return json.dumps(dataclasses.asdict(found), indent=1) + "\n"
    return to_text(found)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise UserError(
            f"--tflops: found '{text}'; expected what a device sustains in training, in 10^12 "
            "operations a second, such as 400"
        )
    return value
