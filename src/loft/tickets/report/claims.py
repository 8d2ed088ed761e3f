"""The paper's statements beside Table 1, and what a run says of them (sections 3, 4 and 6)."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pandas as pd

from loft.tickets.report import claim_rules
from loft.tickets.report.claim_rules import Finding
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.measurements import Evidence, collect
from loft.tickets.report.tables import Job

NOT_JUDGED = "not judged"
COLUMNS = (
    *("claim", "source", "model", "dataset", "cell", "against"),
    *("statement", "measured", "verdict", "evidence"),
)


class Claim(NamedTuple):
    """A statement, its place in the paper, how it is judged, and what that needs."""

    name: str
    source: str
    statement: str
    find: Callable[[Evidence, VerdictSettings], Iterator[Finding]]
    needs: str


CLAIMS = [
    Claim(
        "comparable_tickets",
        "section 6, Table 1",
        "LoFT's tickets are comparable or better: less than the margin below the baseline's",
        claim_rules.comparable_tickets,
        "cells of LoFT and of a baseline with as many workers",
    ),
    Claim(
        "better_at_every_length",
        "section 6, Figure 5",
        "LoFT's tickets are better than GPipe's whatever the length of pretraining",
        claim_rules.better_at_every_length,
        "LoFT's and GPipe's tickets of several snapshots",
    ),
    Claim(
        "four_workers_as_good_as_two",
        "section 6, Table 1",
        "tickets of 4 workers are as good as those of 2, within the margin",
        claim_rules.four_as_good_as_two,
        "cells with 2 and with 4 workers",
    ),
    Claim(
        "distance_falls",
        "section 6, Figure 4",
        "LoFT's filter distance to the last epoch falls in every epoch",
        claim_rules.distance_falls,
        "cells of LoFT",
    ),
    Claim(
        "distance_falls_faster",
        "section 6, Figure 4 (ImageNet)",
        "LoFT has less of the untrained network's distance left than GPipe, averaged over epochs",
        claim_rules.distance_falls_faster,
        "LoFT and GPipe with as many workers, 2 epochs or more, rankings that changed",
    ),
    Claim(
        "ranking_stable_early",
        "section 3.2, Figure 1",
        "half way through training, less of the distance is left than after a fall at even pace",
        claim_rules.ranking_stable_early,
        "a dense column whose rankings changed",
    ),
    Claim(
        "improvement_over_gpipe",
        "section 6, Table 1",
        "LoFT sends fewer bytes than GPipe: the ratio is above 1",
        lambda evidence, _: claim_rules.bytes_saved(evidence, "gpipe"),
        "cells of LoFT and GPipe with as many workers, 2 or more",
    ),
    Claim(
        "improvement_over_local_sgd",
        "section 6, Table 1",
        "LoFT sends fewer bytes than Local SGD: the ratio is above 1",
        lambda evidence, _: claim_rules.bytes_saved(evidence, "local_sgd"),
        "cells of LoFT and Local SGD with as many workers, 2 or more",
    ),
    Claim(
        "memory_saved",
        "sections 4 and 6",
        "a LoFT worker holds less of a network in memory than training the whole one does",
        claim_rules.memory_saved,
        "cells of LoFT",
    ),
    Claim(
        "parameters_saved",
        "sections 4 and 6",
        "a LoFT worker trains fewer parameters than the whole network has",
        claim_rules.parameters_saved,
        "cells of LoFT",
    ),
]


def claims(jobs: list[Job], table1: pd.DataFrame, rule: VerdictSettings) -> pd.DataFrame:
    """Return a row for each claim and the cells it is about; one that says why where none is."""
    rows = []
    for setting, evidence in collect(jobs, table1).items():
        for claim in CLAIMS:
            missing = Finding("", "", "", NOT_JUDGED, f"needs {claim.needs}")
            for finding in [*claim.find(evidence, rule)] or [missing]:
                row: dict[str, Any] = {"claim": claim.name, "source": claim.source}
                row |= {**setting._asdict(), "statement": claim.statement, **finding._asdict()}
                rows.append(row)
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))
