"""Lines of the same tickets, fine-tuned for several lengths, are different jobs."""

from loft.tickets.results.schema.finetuning import Finetuned
from loft.tickets.results.schema.lengths import STEPS, OfALength


def test_the_length_identifies_a_fine_tuning() -> None:
    assert STEPS["finetune"]["job"] is OfALength
    assert OfALength.key == (*(Finetuned.key or ()), "epochs")
