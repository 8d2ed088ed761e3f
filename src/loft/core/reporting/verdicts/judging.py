"""Judge families of statements about differences, with Holm's correction.

A statement says in which region a difference lies. The repetitions give an interval for it, and

    reproduced       the interval lies inside the region,
    not reproduced   interval and region have no point in common,
    undecided        neither, with the number of repetitions that a verdict would need.

For the region (-m, m) "reproduced" is the equivalence test (two one-sided t tests, Schuirmann
1987), for a region with one edge a test of superiority or non-inferiority. As p values, with F the
distribution function of Student's t with nu degrees of freedom:

    p of "reproduced"       max(F((low - d) / e), F((d - high) / e))
    p of "not reproduced"   min(F((d - low) / e), F((high - d) / e))

The statements that one verdict decides together (a row of Table 1 with all its ratios, or a claim
made of several comparisons) are a family. Within it the p values of either word are corrected by
Holm (1979): the smallest of k is multiplied by k, the next by k - 1, and so on, never falling. So
the probability that a family has a wrong "reproduced" is at most 1 - gamma, and the same holds for
"not reproduced". Swapping both sides of every comparison, or naming cells anew, changes no verdict.

Legend: d difference; e its standard error; gamma confidence; m margin.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from scipy import special

from loft.core.reporting.verdicts.intervals import Estimate
from loft.core.reporting.verdicts.power import MOST, needed
from loft.core.reporting.verdicts.regions import Region

REPRODUCED, NOT_REPRODUCED, UNDECIDED = "reproduced", "not reproduced", "undecided"


class Rule(NamedTuple):
    """How sure a verdict must be.

    Attributes:
        confidence: of each one-sided test, after correction.
        power: probability of a verdict that a number of repetitions is asked for.
        unit: what a repetition is called.
    """

    confidence: float = 0.95
    power: float = 0.8
    unit: str = "seeds"


class Comparison(NamedTuple):
    """A measured difference, and the region that it should lie in.

    Attributes:
        shown: the difference.
        region: the region.
        inside: for a region with one edge: the distance from the edge at which the true difference
            is assumed when the needed repetitions are computed; None: the measured difference is
            assumed.
    """

    shown: Estimate
    region: Region
    inside: float | None = None


class Decision(NamedTuple):
    """The verdict on one comparison.

    Attributes:
        word: reproduced, not reproduced or undecided.
        p: p value of the likelier word, corrected.
        seeds: repetitions of each cell.
        needs: repetitions that a verdict needs; None if no deviation is known.
    """

    word: str
    p: float
    seeds: int
    needs: int | None

    def text(self, unit: str) -> str:
        """Return the verdict in words."""
        if self.word != UNDECIDED:
            return self.word
        if self.needs is None:
            return f"{UNDECIDED}, needs {self.seeds + 1} {unit} or more"
        if self.needs > MOST:
            return f"{UNDECIDED}, needs more than {MOST} {unit}"
        if self.needs <= self.seeds:  # the truth lies nearer to an edge than was planned for
            return f"{UNDECIDED}, needs more than {self.seeds} {unit}"
        return f"{UNDECIDED}, needs about {self.needs} {unit}"


def decide(family: Sequence[Comparison], rule: Rule) -> list[Decision]:
    """Return the verdict on each comparison of a family."""
    inside = holm([_p_inside(each) for each in family])
    outside = holm([_p_outside(each) for each in family])
    level = 1 - rule.confidence
    found = []
    for each, yes, no in zip(family, inside, outside, strict=True):
        word = REPRODUCED if yes < level else NOT_REPRODUCED if no < level else UNDECIDED
        seeds = min(each.shown.counts, default=0)
        needs = _needs(each, level / len(family), rule.power) if word == UNDECIDED else seeds
        found.append(Decision(word, min(yes, no), seeds, needs))
    return found


def together(decisions: Iterable[Decision], rule: Rule) -> str:
    """Return the verdict on a family: reproduced if each is, not reproduced if one is not."""
    found = list(decisions)
    for word in (NOT_REPRODUCED, UNDECIDED):
        own = [each for each in found if each.word == word]
        if own:
            hardest = max(own, key=lambda each: math.inf if each.needs is None else each.needs)
            return hardest.text(rule.unit)
    return REPRODUCED


def several(
    shown: dict[str, Estimate],
    region: Region,
    rule: Rule,
    inside: float | None = None,
    show: Callable[[Estimate, float], str] = Estimate.text,
) -> tuple[str, str]:
    """Return several measurements as text, and the verdict on all of them as one family.

    `show` prints an estimate with its interval: as a difference, or as a ratio.
    """
    text = "; ".join(f"{label}: {show(each, rule.confidence)}" for label, each in shown.items())
    family = [Comparison(each, region, inside) for each in shown.values()]
    return text, together(decide(family, rule), rule)


def judge(shown: Estimate, region: Region, rule: Rule, inside: float | None = None) -> str:
    """Return the verdict on a statement that stands alone."""
    return together(decide([Comparison(shown, region, inside)], rule), rule)


def holm(values: Sequence[float]) -> list[float]:
    """Return p values corrected for their number (Holm 1979), in the same order."""
    adjusted, most = [0.0] * len(values), 0.0
    for place, index in enumerate(sorted(range(len(values)), key=lambda index: values[index])):
        most = max(most, min(1.0, (len(values) - place) * values[index]))
        adjusted[index] = most
    return adjusted


def _p_inside(each: Comparison) -> float:
    value, (low, high) = each.shown.value, each.region
    return max(_beyond(each.shown, value - low), _beyond(each.shown, high - value))


def _p_outside(each: Comparison) -> float:
    value, (low, high) = each.shown.value, each.region
    if not each.shown.error:
        return 0.0 if value <= low or value >= high else 1.0
    return min(_beyond(each.shown, low - value), _beyond(each.shown, value - high))


def _beyond(shown: Estimate, distance: float) -> float:
    """Return the p value of a value that lies `distance` beyond an edge."""
    if not shown.error:
        return 0.0 if distance > 0 else 1.0
    if shown.noise is None:
        return 1.0
    return float(special.stdtr(shown.noise.freedom, -distance / shown.error))


def _needs(each: Comparison, level: float, wanted: float) -> int | None:
    """Return the repetitions that show where the difference lies, or None without deviation."""
    if each.shown.noise is None:
        return None
    region, true = _planned(each)
    return needed(region, true, each.shown.noise, len(each.shown.counts), level, wanted)


def _planned(each: Comparison) -> tuple[Region, float]:
    """Return the region to be shown, and the difference that is taken to be true.

    For equivalence the truth is the middle; beside a single edge it is a given way inside, or what
    was measured. If that lies outside, the region to be shown is the outside.
    """
    region, value = each.region, each.shown.value
    low, high = region
    if math.isfinite(low) and math.isfinite(high):
        return region, (low + high) / 2
    if each.inside is not None:
        return region, low + each.inside if math.isfinite(low) else high - each.inside
    if low < value < high:
        return region, value
    return (Region(-math.inf, low) if math.isfinite(low) else Region(high, math.inf)), value
