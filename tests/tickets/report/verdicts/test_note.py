"""The note below Table 1."""

from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.verdicts.note import note
from tests.tickets.report.verdicts.test_printed_accuracies import SMALL, Tickets, jobs, near


def test_what_the_seeds_can_detect_stands_below_the_table() -> None:
    """Noncentrality 2.822 at 6 degrees of freedom, times 0.1 sqrt(2/3)."""
    cells: Tickets = {name: {0.8: near(70)} for name in ("gpipe-2", "gpipe-4")}
    cells |= {"loft-2": {0.8: near(71)}, "loft-4": {0.8: near(72)}}
    text = note(jobs(cells, SMALL), VerdictSettings())
    assert "preresnet18 on CIFAR-10: 0.23 points at 80 % pruned" in text
    assert text.startswith("Verdicts: margin 0.80 points for preresnet18 (0.8 points or 0.15 of")
    assert "(Holm), for these test images" in text
