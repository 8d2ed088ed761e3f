"""Define a claim: a statement of a paper, and the function that judges it.

Each statement says in which region a difference lies, and `judging` decides if the repetitions show
it. A statement about several ratios, snapshots, epochs or probabilities holds if it holds for each
of them; these are then one family.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

NOT_JUDGED, NOT_CLAIMED = "not judged", "not claimed"


class Judged(NamedTuple):
    """The verdict on a claim for one cell: compared cell, measurement, verdict and source.

    Verdicts are those of `judging`; `NOT_CLAIMED` where the paper does not say it of such data.
    """

    cell: str
    against: str
    measured: str
    verdict: str
    evidence: str


class Claim(NamedTuple):
    """A statement, its place in the paper, the function that judges it, and what that needs."""

    name: str
    source: str
    statement: str
    judge: Callable[..., Iterator[Judged]]
    needs: str


def rows(claims: Sequence[Claim], *found: Any, **about: str) -> list[dict[str, Any]]:
    """Return a row for each claim and cell, from what the claims' functions take.

    A claim that cannot be judged has one row, which says what is missing. `about` are columns that
    all rows share.
    """
    return [
        {"claim": claim.name, "source": claim.source, **about, "statement": claim.statement}
        | judged._asdict()
        for claim in claims
        for judged in [*claim.judge(*found)]
        or [Judged("", "", "", NOT_JUDGED, f"needs {claim.needs}")]
    ]


def repeated(values: Sequence[object], unit: str = "seed") -> str:
    """Return the number of repetitions in words; there is one value for each."""
    return f"1 {unit}" if len(values) == 1 else f"{len(values)} {unit}s"
