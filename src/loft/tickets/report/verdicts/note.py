"""Write the note on verdicts that stands below Table 1."""

import math

from loft.core.reporting.verdicts.power import detectable
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import Job, percent
from loft.tickets.report.verdicts.printed_accuracies import accuracies, margin, noises, row_groups


def note(jobs: list[Job], rule: VerdictSettings) -> str:
    """Return a sentence, for below Table 1, on the differences that the seeds can detect."""
    parts, margins = [], []
    for group, own in row_groups(jobs).items():
        measured = accuracies(own)
        noise = noises(measured)
        smallest = []
        for ratio in sorted((ratio for ratio in noise if ratio), reverse=True):
            seeds = min(len(values) for key, values in measured.items() if key[1] == ratio)
            points = detectable([seeds, seeds], noise[ratio], rule.confidence, rule.power)
            if math.isfinite(points):
                smallest.append(f"{points:.2f} points at {percent(ratio)} % pruned")
        found = ", ".join(smallest) or "none, for want of a deviation over seeds"
        parts.append(f"{group.model} on {group.dataset}: {found}")
        margins.append(f"{margin(own, group, rule):.2f} points for {group.model}")
    return (
        f"Verdicts: margin {', '.join(margins)} ({rule.margin:g} points or {rule.margin_share:g} of"
        f" the dense column's error rate, whichever is less), confidence {rule.confidence:g},"
        " corrected over the comparisons of a row (Holm), for these test images. Smallest "
        f"detectable difference between two cells (power {rule.power:g}): {'; '.join(parts)}."
    )
