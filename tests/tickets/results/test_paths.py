"""Test the paths of this study's files."""

from pathlib import Path

import pytest

from loft.tickets.results import paths
from loft.tickets.results.paths import Paths

PATHS = Paths(Path("results/cifar10"))
GIVEN = ("preresnet18", "loft-4", 0)
VALUES = dict(zip(("model", "cell", "seed"), GIVEN, strict=True))


def test_a_path_names_what_the_file_holds() -> None:
    ticket = paths.ticket(PATHS.pretraining(*GIVEN), 10, 0.8)
    folder = "results/cifar10/tickets/preresnet18/loft-4/seed0"
    assert ticket.as_posix() == f"{folder}/epoch10/prune-0.8/ticket.safetensors"
    assert [path.name for path in paths.with_json(ticket)] == ["ticket.safetensors", "ticket.json"]
    assert paths.snapshot(Path(folder), 5).as_posix() == f"{folder}/epoch5/model.safetensors"
    assert paths.tuned_norms(Path(folder)).as_posix() == f"{folder}/finetune/norms.safetensors"
    assert paths.work(Path("work/cifar10"), "finetune", *GIVEN) == Path(
        "work/cifar10/preresnet18/loft-4/seed0/finetune"
    )


@pytest.mark.parametrize("step", ["", "finetune", "updates"])
def test_what_is_left_out_stays_a_wildcard(step: str) -> None:
    assert str(PATHS.pretraining()).format(**VALUES) == str(PATHS.pretraining(*GIVEN))
    assert str(PATHS.lines(step=step)).format(**VALUES) == str(PATHS.lines(*GIVEN, step))
    work = paths.work(Path("work"), step)
    assert str(work).format(**VALUES) == str(paths.work(Path("work"), step, *GIVEN))
