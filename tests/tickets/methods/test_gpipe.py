"""GPipe's options: what a run cannot carry out, who trains, and how long a step takes."""

import pytest

from loft.models.build import build
from loft.tickets.methods.gpipe import GPipe
from loft.tickets.methods.interface import RunFacts, SharedTraining

FACTS = RunFacts(batch_size=32, epochs=2, least_ratio=0.8, narrowest=8, single_value="")


@pytest.mark.parametrize(
    ("options", "facts", "said"),
    [
        ({"microbatches": 5}, FACTS, "microbatches: found 5; expected a divisor"),
        ({"workers": [2, 3]}, FACTS, "workers: found [3]; expected 2 and 4 only"),
        (
            {"microbatches": 32},
            FACTS._replace(single_value="for its maps"),
            "microbatches: found 32 of one image each; expected 2 images and more, for its maps",
        ),
    ],
)
def test_conflicts(options: dict[str, object], facts: RunFacts, said: str) -> None:
    (found,) = GPipe.model_validate(options).conflicts(facts)
    assert found.startswith(said)


def test_the_first_cell_trains_for_the_others_and_dense_for_one_micro_batch() -> None:
    pipeline = GPipe(workers=[4, 2], measured_steps=7)
    assert pipeline.shared("gpipe", 4) is None
    assert pipeline.shared("gpipe", 2) == SharedTraining("gpipe", 4, 7)
    plain = GPipe(microbatches=1, measured_steps=7)
    assert plain.shared("gpipe", 2) == SharedTraining("dense", 1, 7)


def test_a_step_lasts_for_the_sum_and_the_slowest_stage() -> None:
    """Stages of 8 and 16 operations on 4 micro-batches: 2 + 4, and 3 times 4."""
    assert GPipe(microbatches=4).step_operations([8, 16]) == 2 + 4 + 3 * 4


def test_the_stages_are_the_whole_network() -> None:
    network = build("preresnet18", 4, channels=1, size=8, classes=10)
    for workers in (2, 4):
        paths = [path for share in GPipe().shares(network, workers) for path in share.layers]
        assert paths[0] == "stem"
        assert paths[-1] == "head"
        assert len(GPipe().shares(network, workers)) == workers
