"""Make the table of verdicts on what the paper says of speed and exchanges (section 4).

Ratios to DAve-PG are of the repetitions that reached the target, and are judged on a logarithmic
scale. What a claim compares for one problem is a family, corrected for its number.
"""

import math
from collections.abc import Callable, Iterator

from loft.core.reporting.verdicts.claims import NOT_CLAIMED, Claim, Judged, repeated, rows
from loft.core.reporting.verdicts.intervals import Estimate, ratio
from loft.core.reporting.verdicts.judging import Rule, judge, several
from loft.core.reporting.verdicts.regions import ABOVE_ZERO, BELOW_ZERO, Region
from loft.soda.jobs import Shown
from loft.soda.measurements import Job, Row, entries, grouped, optima
from loft.soda.paper_table1 import FIGURES

TITLE = "Claims"
CAPTION = """
What the paper says of SODA against DAve-PG, as far as this run can judge it. It is reproduced where
the interval that the repetitions give lies on the stated side, not reproduced where it lies on the
other, and undecided otherwise. Comparisons of one problem are a family, corrected for its number
(Holm). What the paper says of other data alone is measured and not judged.
"""
COLUMNS = ["claim", "source", "statement", "cell", "against", "measured", "verdict", "evidence"]
RULE = Rule(unit="repetitions")
DAVE_PG, FAST = 1.0, 0.1  # probabilities: DAve-PG's, and that of "up to 2 times faster"
BEST = (0.01, 0.6)  # probabilities of the best compromise
TWICE = Region(math.log(1.5), math.inf)  # ratios that round to 2 or more

Values = dict[float, list[float]]  # by probability, a value for each repetition that converged


class Problem:
    """The repetitions of one problem that reached the target.

    Attributes:
        name: of the problem.
        like: the paper's figures whose data and penalties it has, or stands in for.
        times: to the target, in simulated seconds.
        exchanges: entries sent in both directions until then.
        failed: probabilities at which any repetition did not get there.
    """

    def __init__(self, name: str, like: set[int], groups: dict[float, list[Row]]) -> None:
        """Collect times and exchanges from the repetitions by probability."""
        self.name, self.like = name, like
        self.times = _values(groups, lambda row: float(row["time"]))
        self.exchanges = _values(groups, entries)
        self.failed = {
            p for p, own in groups.items() if any(row["outcome"] != "converged" for row in own)
        }


def make(problems: list[Shown], jobs: list[Job], runs: list[Row]) -> list[Row]:
    """Return a row for each claim and problem, or one that says what a claim needs."""
    found, by_problem = optima(jobs), grouped(runs)
    collected = []
    for shown in problems:
        groups = {p: own for (name, p), own in by_problem.items() if name == shown.problem}
        data = shown.stands_for or found[shown.problem]["dataset"]
        like = {int(number) for number in shown.figures if data in FIGURES[number]}
        collected.append(Problem(shown.problem, like, groups))
    return rows(CLAIMS, collected)


def faster(problems: list[Problem]) -> Iterator[Judged]:
    """Judge DAve-PG's time over SODA's at p = 0.1: above 1."""
    yield from _speeds(problems, ABOVE_ZERO)


def twice_as_fast(problems: list[Problem]) -> Iterator[Judged]:
    """Judge DAve-PG's time over SODA's at p = 0.1: 2 or more, as a rounded number."""
    yield from _speeds(problems, TWICE)


def fewer_exchanges(problems: list[Problem]) -> Iterator[Judged]:
    """Judge SODA's exchanges over DAve-PG's at each p from 0.01 to 0.6: below 1."""
    for each in problems:
        base = each.exchanges.get(DAVE_PG)
        own = {p: values for p, values in each.exchanges.items() if _is_best(p)}
        if base and own:
            shown = {f"p = {p:g}": ratio(values, base) for p, values in own.items()}
            text, verdict = several(shown, BELOW_ZERO, RULE, show=Estimate.ratio_text)
            yield Judged(each.name, "DAve-PG", text, verdict, _source(base))


def best_probability(problems: list[Problem]) -> Iterator[Judged]:
    """Judge if the fewest exchanges are at a p from 0.01 to 0.6, over each other p's.

    The p inside is the one with the fewest exchanges in the mean among those without failures. A p
    outside at which no repetition reached the target is no competitor.
    """
    for each in problems:
        inside = {
            p: values
            for p, values in each.exchanges.items()
            if _is_best(p) and p not in each.failed
        }
        outside = {p: values for p, values in each.exchanges.items() if not _is_best(p)}
        if not inside or not outside:
            continue
        best = min(inside, key=lambda p: sum(inside[p]) / len(inside[p]))
        shown = {f"p = {p:g}": ratio(inside[best], values) for p, values in outside.items()}
        text, verdict = several(shown, BELOW_ZERO, RULE, show=Estimate.ratio_text)
        if 2 not in each.like:
            verdict = NOT_CLAIMED
        yield Judged(f"{each.name}, p = {best:g}", "other p", text, verdict, _source(inside[best]))


def _speeds(problems: list[Problem], region: Region) -> Iterator[Judged]:
    for each in problems:
        own, base = each.times.get(FAST), each.times.get(DAVE_PG)
        if own and base:
            shown = ratio(base, own)
            verdict = judge(shown, region, RULE)
            if 1 not in each.like:
                verdict = NOT_CLAIMED
            text = f"{shown.ratio_text(RULE.confidence)} times as fast"
            cell = f"{each.name}, p = {FAST:g}"
            yield Judged(cell, "DAve-PG", text, verdict, _source(own))


def _values(groups: dict[float, list[Row]], value: Callable[[Row], float]) -> Values:
    found = {
        p: [value(row) for row in own if row["outcome"] == "converged"] for p, own in groups.items()
    }
    return {p: values for p, values in found.items() if values}


def _is_best(p: float) -> bool:
    return BEST[0] <= p <= BEST[1]


def _source(values: list[float]) -> str:
    return f"runs.csv, ratios, {repeated(values, 'repetition')}"


CLAIMS = [
    Claim(
        "faster_than_dave_pg",
        "section 4, Figure 1",
        "at p = 0.1 SODA reaches the target in less time than DAve-PG",
        faster,
        "repetitions at p = 0.1 and at p = 1 that reached the target",
    ),
    Claim(
        "twice_as_fast",
        "section 4, Figure 1",
        "at p = 0.1 SODA is about 2 times as fast as DAve-PG: the ratio of times is above 1.5",
        twice_as_fast,
        "repetitions at p = 0.1 and at p = 1 that reached the target",
    ),
    Claim(
        "fewer_exchanges",
        "abstract, section 5",
        "at each p from 0.01 to 0.6 SODA exchanges fewer entries than DAve-PG",
        fewer_exchanges,
        "repetitions at p from 0.01 to 0.6 and at p = 1 that reached the target",
    ),
    Claim(
        "best_probability",
        "section 4, Figure 2",
        "the fewest exchanges are at a p from 0.01 to 0.6",
        best_probability,
        "repetitions at p from 0.01 to 0.6 and at others that reached the target",
    ),
]
