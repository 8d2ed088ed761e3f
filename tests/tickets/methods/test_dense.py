"""Dense pretraining has one worker, which sends nothing."""

from loft.tickets.methods.dense import Dense
from loft.tickets.methods.interface import RunFacts, Share

FACTS = RunFacts(batch_size=32, epochs=2, least_ratio=0.8, narrowest=8, single_value="")


def test_it_has_one_worker() -> None:
    assert [*Dense().conflicts(FACTS)] == []
    (said,) = Dense(workers=[2]).conflicts(FACTS)
    assert said == "workers: found [2]; expected [1]"


def test_its_worker_trains_the_whole_network_and_synchronises_once_an_epoch() -> None:
    assert Dense().shares(None, 1) == [Share()]  # type: ignore[arg-type]
    assert Dense().rounds_per_epoch(7) == 1
