"""Facts that tables take from jobs' lines."""

from loft.tickets.report.job_lines import final_accuracy, order, percent


def job(cell: str, seed: int = 0) -> list[dict[str, object]]:
    first = {"step": "pretrain", "kind": "job", "model": {"name": "net"}, "cell": cell}
    epochs = [{"kind": "epoch", "test_accuracy": accuracy} for accuracy in (10.0, 20.0)]
    return [{**first, "seed": seed}, *epochs]


def test_rows_are_ordered_by_workers_method_and_seed() -> None:
    jobs = [job("loft-4"), job("loft-2", 1), job("unpruned"), job("gpipe-2"), job("loft-2")]
    found = [(lines[0]["cell"], lines[0]["seed"]) for lines in sorted(jobs, key=order)]
    assert found == [
        ("unpruned", 0),
        ("gpipe-2", 0),
        ("loft-2", 0),
        ("loft-2", 1),
        ("loft-4", 0),
    ]


def test_the_last_epoch_gives_the_accuracy() -> None:
    assert final_accuracy(job("loft-2")) == 20


def test_ratios_as_columns_name_them() -> None:
    assert [percent(ratio) for ratio in (0.5, 0.8, 0.125)] == ["50", "80", "12.5"]
