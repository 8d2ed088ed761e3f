"""The diary is filled with facts, curves and distances of jobs, or one line says why it is not."""

import json
from pathlib import Path

import pytest

from loft.cli import main
from loft.core.errors import UserError
from loft.core.reporting.metrics import read
from loft.core.reporting.tracking import Entry
from loft.tickets.report import diary
from tests.conftest import ROOT

MADE = ROOT / "results" / "digits"  # what the committed tables are made from


@pytest.mark.slow
@pytest.mark.parametrize("wrong", ["an experiment", "a layer", "a folder in its place"])
def test_what_mlflow_refuses_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    lines = [MADE / "tickets/metrics/preresnet18/unpruned/seed0/metrics.jsonl"]
    distances = read(MADE / "tickets/metrics/distances/seed0/metrics.jsonl")
    own = [line for line in distances if line.get("cell", "unpruned") == "unpruned"]
    if wrong == "a layer":
        for line in own:
            line["layers"] = {"{a}": line["mean"]} if "layers" in line else {}
    lines.append(tmp_path / "distances.jsonl")
    lines[-1].write_text("".join(f"{json.dumps(line)}\n" for line in own), encoding="utf-8")
    database = tmp_path / "made" / "mlflow.db"
    if wrong == "a folder in its place":
        database.mkdir(parents=True)
    experiment = "" if wrong == "an experiment" else "test"
    given = ["diary", "--experiment", experiment, "--database", str(database)]
    assert main([*given, "--metrics", *map(str, lines)]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(f"loft: {database}: ")
    assert [path.name for path in database.parent.iterdir()] in ([], [database.name])


def test_the_diary_goes_on_without_a_line_cut_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled: list[int] = []
    monkeypatch.setattr(
        "loft.tickets.report.diary.fill",
        lambda _, __, entries: filled.extend(len(entry.metrics) for entry in entries),
    )
    source = MADE / "tickets/metrics/preresnet18/loft-2/seed0/metrics.jsonl"
    given = ["--experiment", "test", "--database", str(tmp_path / "mlflow.db")]
    path = tmp_path / "metrics.jsonl"  # away from the run's provenance, which only its maker has
    path.write_bytes(source.read_bytes())
    assert main(["diary", "--metrics", str(path), *given]) == 0
    path.write_bytes(source.read_bytes()[:-20])
    lines = source.read_text(encoding="utf-8").splitlines()
    assert "bytes_sent" in json.loads(lines[-1])
    assert main(["diary", "--metrics", str(path), *given]) == 0
    assert filled == [filled[0], filled[0] - 1]
    assert f"{path}: line {len(lines)} is cut off" in capsys.readouterr().err


def entries(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> dict[str, Entry]:
    """Return what the diary is filled with, by name."""
    found: dict[str, Entry] = {}
    monkeypatch.setattr(
        "loft.tickets.report.diary.fill",
        lambda _, __, entries: found.update({entry.name: entry for entry in entries}),
    )
    diary.run(paths, "test", Path("mlflow.db"))
    return found


def test_a_job_is_an_entry_with_its_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    path = MADE / "tickets/metrics/preresnet18/loft-2/seed0/metrics.jsonl"
    ((name, entry),) = entries([path], monkeypatch).items()
    about, *lines = read(path)
    assert name == "pretrain preresnet18 loft-2 seed0"
    assert (entry.tags["step"], entry.tags["cell"], entry.tags["seed"]) == (
        "pretrain",
        "loft-2",
        "0",
    )
    assert entry.parameters["model.width"] == str(about["model"]["width"])
    assert not {*entry.parameters} & {"kind", "step", "cell", "seed"}
    losses = [(line["epoch"], line["loss"]) for line in lines if line["kind"] == "epoch"]
    assert [(step, value) for key, value, step in entry.metrics if key == "loss"] == losses
    sent = {key: value for key, value, _ in entry.metrics if key.endswith("/bytes_sent")}
    assert sent["final/bytes_sent"] == sent["worker0/bytes_sent"] + sent["worker1/bytes_sent"]


def test_tickets_are_told_by_snapshot_and_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    path = MADE / "tickets/metrics/preresnet18/loft-2/seed0/finetune/metrics.jsonl"
    ((name, entry),) = entries([path], monkeypatch).items()
    assert name == "finetune preresnet18 loft-2 seed0"
    tickets = [line for line in read(path) if line["kind"] == "ticket"]
    metrics = {key: value for key, value, _ in entry.metrics if "/final/" in key}
    for line in tickets:
        prefix = f"epoch{line['snapshot']}-prune-{line['ratio']:g}/final"
        assert metrics[f"{prefix}/test_accuracy"] == line["test_accuracy"]
        assert metrics[f"{prefix}/flops"] == line["flops"]


def test_distances_belong_to_their_pretraining(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretrained = MADE / "tickets/metrics/preresnet18/loft-2/seed0/metrics.jsonl"
    every = read(MADE / "tickets/metrics/distances/seed0/metrics.jsonl")
    own = [line for line in every if line.get("cell", "loft-2") == "loft-2"]
    path = tmp_path / "distances.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in own), encoding="utf-8")
    (entry,) = entries([path, pretrained], monkeypatch).values()
    (mean,) = [line["mean"] for line in own if "layers" in line]
    found = [(step, value) for key, value, step in entry.metrics if key == "distance_to_last/mean"]
    assert found == [*enumerate(mean)]
    for line in (line for line in own if line["kind"] == "consecutive"):
        name = f"distance_to_next/{line['of']}"
        steps = [step for key, _, step in entry.metrics if key == name]
        assert steps == [line["from_epoch"] + n for n in range(len(line["distances"]))]
    with pytest.raises(UserError, match="found distances of pretrain preresnet18 loft-2 seed0 in"):
        entries([path], monkeypatch)
