"""A plan's sums are those of its jobs, and its assumptions those of this run."""

import dataclasses
from typing import Any

import pytest

from loft.core.data.sources import DataSettings
from loft.run import read
from loft.tickets.planning.planner import Job, Planner
from loft.tickets.planning.speed import Measurement, Speed, stated
from loft.tickets.planning.summary import assumptions, report, totals
from loft.tickets.run.run import Run
from loft.tickets.run.settings import RatesSettings
from tests.conftest import ROOT

Jobs = dict[tuple[str, str], Job]


def test_sums_by_hand(planner: Planner, run: Run, jobs: Jobs) -> None:
    """Two workers of 3 s, and 5 s of fine-tuning after them."""

    def changed(step: str, cell: str, **values: Any) -> Job:
        return dataclasses.replace(jobs[step, cell], **values)

    found = totals(
        planner,
        run,
        [
            changed("pretrain", "loft-2", seconds=3.0, sent=7.0, disk=100),
            changed("finetune", "loft-2", seconds=5.0, sent=0.0, disk=20),
        ],
    )
    assert (found.pretraining_seconds, found.finetuning_seconds) == (6.0, 5.0)
    assert (found.device_seconds, found.least_seconds) == (11.0, 8.0)
    assert (found.devices, found.sent, found.disk) == (2, 7.0, 120)


def test_memory_is_of_the_worker_that_needs_the_most(
    planner: Planner, run: Run, jobs: Jobs
) -> None:
    every = sorted(
        (job for job in jobs.values() if job.step == "pretrain"),
        key=lambda job: job.memory.device,
    )
    assert totals(planner, run, every).memory == every[-1].memory.device
    assert totals(planner, run, every[:1]).memory == every[0].memory.device
    assert every[0].memory.device < every[-1].memory.device


def test_other_rates_and_lengths_come_on_top(planner: Planner, run: Run, jobs: Jobs) -> None:
    """Two rates of dense pretraining on half of the images; a length twice the run's own."""
    every = [*jobs.values()]
    plain = totals(planner, run, every)
    rates = RatesSettings(grid=[0.1, 0.2], held_out=planner.data.train_images // 2, cells=["dense"])
    finetune = run.finetune.model_copy(update={"lengths": [2 * run.finetune.epochs]})
    more = totals(planner, run.model_copy(update={"rates": rates, "finetune": finetune}), every)
    assert 0 < more.rates_seconds < 2 * jobs["pretrain", "dense"].seconds
    assert more.lengths_seconds > 0
    added = more.rates_seconds + more.lengths_seconds
    assert more.device_seconds == pytest.approx(plain.device_seconds + added)
    assert plain.rates_seconds == plain.lengths_seconds == 0


def test_a_report_is_of_the_whole_run(planner: Planner, run: Run) -> None:
    found = report(planner, run, None)
    assert (found.run, found.seeds, found.iterations, found.budget) == ("tiny", [0], 5, None)
    assert found.jobs == planner.jobs(run)
    assert found.rules["pretrain"] + found.rules["unpruned"] + found.rules["measured"] == len(
        [job for job in found.jobs if job.step != "finetune"]
    )


def folders() -> DataSettings:
    data: DataSettings = read(ROOT / "params" / "imagenet.yaml").data
    return data


@pytest.mark.parametrize(
    ("batch", "said", "unsaid"),
    [
        (None, "as stated; nothing was timed", "narrow ones do fewer"),
        (32, "narrow ones do fewer", "nothing was timed"),
        (16, "where a smaller was timed", "nothing was timed"),
    ],
)
def test_how_the_speed_was_found_is_an_assumption(
    run: Run, batch: int | None, said: str, unsaid: str
) -> None:
    speed = stated(run, 1)
    if batch is not None:
        measured = (Measurement("preresnet18", batch, 32, 1.0, 1),)
        speed = Speed("a CPU", "float32", {"preresnet18": 1.0}, measured)
    text = " ".join(assumptions(run.data, speed))
    assert said in text
    assert unsaid not in text
    assert ("where a smaller was timed" in text) == (batch == 16)


def test_labels_of_image_files_come_on_top(run: Run) -> None:
    text = "the run's own list of image files holds their labels; names come on top"
    assert text in assumptions(folders(), stated(run, 1))
    assert text not in assumptions(run.data, stated(run, 1))
