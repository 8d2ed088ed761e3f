"""The whole graph, for real, at the smallest size: every method, every step, every output."""

import copy
import csv
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from loft import run as runs
from loft.core.files.checkpoint import read_tensors
from loft.core.reporting.metrics import read
from loft.tickets.report.make_tables import render
from loft.tickets.report.tables.claims import CLAIMS
from tests import pictures
from tests.conftest import GRAPH, ROOT, write_params
from tests.project import make, snakemake

TRAINED = ["dense", "gpipe-2", "local_sgd-2", "loft-2", "loft-4"]
MEASURED = ["gpipe-4"]  # whose training is gpipe-2's
CONTROLS = ["random", "scratch"]


@pytest.fixture
def tiny() -> dict[str, Any]:
    """The settings of the graph that is made, to be changed at will."""
    return copy.deepcopy(GRAPH)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_table_1_has_a_row_for_every_cell(made: Path) -> None:
    table = rows(made / "tickets" / "table1.csv")
    found = {(row["method"], row["workers"]) for row in table}
    distributed = [(method, "2") for method in ("gpipe", "local_sgd", "loft")]
    distributed += [(method, "4") for method in ("gpipe", "loft")]
    controls = [(name, "1") for name in CONTROLS]
    assert found == {("dense", "1"), *distributed, *controls}
    for row in table:
        assert row["model"] == "preresnet18"
        assert row["verdict"] == "not comparable"
        for column in ("dense_accuracy", "accuracy_50", "accuracy_80"):
            assert 0 <= float(row[column]) <= 100
        assert (row["pretrain_accuracy"] == "") == (row["method"] in CONTROLS)
        assert row["comm_gigabytes"] == row["comm_gigabytes_model"]
        assert (float(row["comm_gigabytes"]) > 0) == (row["workers"] != "1")
    for form in ("table1.md", "table1.tex", "verdicts.csv", "tickets.csv"):
        assert (made / "tickets" / form).stat().st_size > 0


def test_every_claim_is_judged_or_says_why_not(made: Path) -> None:
    """With one seed only what is counted exactly can be judged; digits are not in the paper."""
    found = rows(made / "tickets" / "claims.csv")
    assert {row["claim"] for row in found} == {claim.name for claim in CLAIMS}
    for row in found:
        exact = "exact counts" in row["evidence"]
        if row["claim"] == "distance_falls_faster":
            assert row["verdict"] == "not claimed", row
        else:
            assert (row["verdict"] == "undecided, needs 2 seeds or more") == (not exact), row
    assert rows(made / "tickets" / "verdicts.csv") == []


def test_figures_are_drawn_as_svg_and_png(made: Path) -> None:
    for figure in ("figure1", "figure1-layers", "figure4", "figure5", "norms", "costs"):
        assert b"<svg" in (made / "tickets" / f"{figure}.svg").read_bytes()[:1000]
        assert (made / "tickets" / f"{figure}.png").read_bytes().startswith(b"\x89PNG")


def test_every_ticket_is_smaller_and_was_measured(made: Path) -> None:
    tickets = rows(made / "tickets" / "tickets.csv")
    last, early, untrained = 2 * len([*TRAINED, *CONTROLS]), 3, 1
    of_gpipe_4 = 3  # gpipe-2's: two of the last snapshot, one of an earlier one
    expected = last + early + untrained + of_gpipe_4
    assert len(tickets) == expected
    size = {row["ratio"]: int(row["parameters"]) for row in tickets}
    work = {row["ratio"]: int(row["flops"]) for row in tickets}
    assert size["0.8"] < size["0.5"]
    assert work["0.8"] < work["0.5"]


def test_distances_end_at_zero(made: Path) -> None:
    distances = rows(made / "tickets" / "distances.csv")
    assert {row["cell"] for row in distances} == {*TRAINED, "unpruned"}
    for row in distances:
        if row["from_epoch"] == row["to_epoch"]:
            assert [float(row[mean]) for mean in ("mean", "mean_l1", "mean_max")] == [0, 0, 0]


def test_distances_between_all_pairs_hold_those_to_the_last(made: Path) -> None:
    pairs, _ = read_tensors(made / "tickets/preresnet18/unpruned/seed0/pairs.safetensors")
    masks = pairs.pop("masks")
    epochs = GRAPH["pretrain"]["epochs"] + GRAPH["finetune"]["epochs"]
    assert masks.shape == (epochs, epochs)
    assert torch.equal(masks, masks.T)
    distances = rows(made / "tickets" / "distances.csv")
    for row in (row for row in distances if row["cell"] == "unpruned"):
        for name, array in pairs.items():
            assert array.shape == (epochs + 1, epochs + 1)
            found = float(array[int(row["from_epoch"]), -1])
            assert found == pytest.approx(float(row[name.removeprefix("filters/")]), abs=1e-4)


def test_either_rule_says_when_to_stop_each_pretraining(made: Path) -> None:
    stopping = rows(made / "tickets" / "stopping.csv")
    assert len(stopping) == 2 * len([*TRAINED, "unpruned"])
    sent = {
        (row["method"], row["workers"]): float(row["comm_gigabytes"])
        for row in rows(made / "tickets" / "table1.csv")
    }
    for row in (row for row in stopping if row["cell"] != "unpruned"):
        end = int(row["epoch"] or row["epochs"])
        saved = 1 - end / int(row["epochs"])
        assert float(row["saved_percent"]) == pytest.approx(100 * saved, abs=1e-4)
        method, _, workers = row["cell"].partition("-")
        total = sent[method, workers or "1"]
        assert float(row["saved_gigabytes"]) == pytest.approx(saved * total, abs=1e-8)


def metrics(made: Path) -> list[Path]:
    """The lines of a run that its tables are made from; `updates` are the study of diversity's."""
    found = sorted(made.glob("tickets/**/metrics.jsonl"))
    return [path for path in found if path.parent.name != "updates"]


def check_tables(made: Path) -> None:
    """Rebuild a run's tables from its lines and its verdicts' settings, byte for byte."""
    run = runs.read(made.parents[1] / "params" / f"{made.name}.yaml")
    for name, text in render(run.table_job(), metrics(made)).items():
        path = made / name if name == "metrics.json" else made / "tickets" / name
        assert path.read_text(encoding="utf-8") == text, path


def test_tables_are_made_from_the_lines_alone(made: Path) -> None:
    check_tables(made)


def test_the_diary_holds_every_curve(made: Path) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{made / 'mlflow.db'}")
    (experiment,) = [e for e in client.search_experiments() if e.name == "tiny"]
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    jobs = [read(path) for path in metrics(made)]
    assert len(runs) == sum(job[0]["step"] != "distance" for job in jobs)
    for job in jobs:
        about = job[0]
        if about["step"] != "pretrain" or about["cell"] in MEASURED:
            continue
        run = runs[f"pretrain preresnet18 {about['cell']} seed0"]
        assert run.data.params["model.width"] == "4"
        for name in ("loss", "test_accuracy", "bytes_sent"):
            history = client.get_metric_history(run.info.run_id, name)
            written = [(line["epoch"], line[name]) for line in job if line["kind"] == "epoch"]
            assert sorted((point.step, point.value) for point in history) == written
        epochs = about["epochs"]
        lengths = {
            "distance_to_last/mean": epochs + 1,
            "distance_to_last/mean_l1": epochs + 1,
            "distance_to_last/stem.conv": epochs + 1,
            "distance_to_next/filters": epochs,
            "distance_to_next/masks": epochs - 1,
        }
        for name, length in lengths.items():
            assert len(client.get_metric_history(run.info.run_id, name)) == length


def test_a_second_run_has_nothing_to_do(project: Path, made: Path) -> None:
    result = snakemake(project, "all", "diary", "-n", "--configfile", "params/tiny.yaml")
    assert "Nothing to be done" in result.stdout + result.stderr


def test_a_graph_in_which_nothing_is_to_be_done_waits_for_no_torch(
    project: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory and time of a job are found when it is to run."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    done = snakemake(project, "all", "-n", "--configfile", "params/tiny.yaml")
    assert "Nothing to be done" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "loft.tickets.planning.requests" in imported
    assert "torch" not in imported


def test_another_speed_reruns_nothing(project: Path, made: Path, tiny: dict[str, Any]) -> None:
    tiny["compute"]["tflops"] = 50.0
    assert reruns(project, tiny) == set()


def test_a_run_without_trainings_has_an_empty_diary(project: Path) -> None:
    """So that `make reproduce` is the same call for every run."""
    done = snakemake(project, "all", "diary", "-n", "--configfile", "params/theorem1.yaml")
    assert done.returncode == 0, done.stderr
    assert "theorem1_tables" in done.stdout + done.stderr


def dry_run(project: Path, values: dict[str, Any]) -> str:
    """What snakemake says it would do with these settings."""
    write_params(project / "params" / "other.yaml", values)
    result = snakemake(project, "-n", "--quiet", "host", "--configfile", "params/other.yaml")
    text = result.stdout + result.stderr
    assert result.returncode == 0, text
    return text


def reruns(project: Path, values: dict[str, Any]) -> set[str]:
    """The rules that would run with other settings."""
    said = dry_run(project, values).splitlines()
    return {line.split()[1].rstrip(":") for line in said if line.startswith("rule ")}


def test_changing_a_value_reruns_what_uses_it(
    project: Path, made: Path, tiny: dict[str, Any]
) -> None:
    tiny["finetune"]["sgd"]["learning_rate"] = 0.01
    assert reruns(project, tiny) == {"finetune", "table", "figures", "record_params", "all"}


ADDED = 'warmup: bool = key(False, "warm-up", source=OURS, neutral=False)'
NEW_KEY = [  # file, a line, what to write before it
    ("run/settings.py", "    snapshot_every: PositiveInt = key(\n", f"    {ADDED}\n"),
    (
        "pretraining/job.py",
        "from loft.core.settings.schema import Settings\n",
        "from loft.core.settings.keys import OURS, key\n",
    ),
    ("pretraining/job.py", "    trained_by: str | None\n", f"    {ADDED}\n"),
    (
        "run/run.py",
        "            evaluate_every=self.pretrain.evaluate_every,\n",
        "            warmup=self.pretrain.warmup,\n",
    ),
]


def test_a_new_key_with_a_neutral_value_reruns_nothing(
    project: Path, made: Path, tiny: dict[str, Any]
) -> None:
    """Code that uses the key would rerun the steps that it belongs to, and no others."""
    tickets = project / "src" / "loft" / "tickets"
    texts = {name: (tickets / name).read_text(encoding="utf-8") for name, _, _ in NEW_KEY}
    try:
        for name, line, added in NEW_KEY:
            before, found, after = (tickets / name).read_text(encoding="utf-8").partition(line)
            assert found
            (tickets / name).write_text(before + added + found + after, encoding="utf-8")
        assert reruns(project, tiny) == set()
        tiny["pretrain"]["warmup"] = True
        assert {"pretrain", "unpruned", "record_params"} <= reruns(project, tiny)
    finally:
        for name, text in texts.items():
            (tickets / name).write_text(text, encoding="utf-8")


def test_changing_the_margin_trains_nothing(
    project: Path, made: Path, tiny: dict[str, Any]
) -> None:
    tiny["verdict"]["margin"] = 0.5
    assert reruns(project, tiny) == {"table", "figures", "record_params", "all"}


def test_changing_a_threshold_reruns_no_training(
    project: Path, made: Path, tiny: dict[str, Any]
) -> None:
    tiny["distance"]["filter_threshold"] = 0.3
    assert reruns(project, tiny) == {"distance", "table", "figures", "record_params", "all"}


def priorities(project: Path, values: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Rule -> cell -> priority of a run's jobs, none of which has been made."""
    found: dict[str, dict[str, float]] = {}
    for job in dry_run(project, {**values, "run": "fresh"}).split("\nrule ")[1:]:
        facts = dict(line.strip().split(": ", 1) for line in job.splitlines() if ": " in line)
        cell = re.search(r"cell=([^,]+)", facts.get("wildcards", ""))
        if cell is not None:
            found.setdefault(job.partition(":")[0], {})[cell[1]] = float(facts["priority"])
    return found


def test_wide_pretrainings_begin_first_and_long_fine_tunings_before_short_ones(
    project: Path, tiny: dict[str, Any]
) -> None:
    """Jobs of one core, even two of them, are not to take what a wide one waits for."""
    found = priorities(project, tiny)
    pretrain, finetune = found["pretrain"], found["finetune"]
    assert pretrain["loft-4"] > 2 * pretrain["loft-2"] > 4 * pretrain["dense"]
    assert pretrain["dense"] > max(finetune.values())
    tickets = {"scratch": 6, "loft-2": 3, "local_sgd-2": 2}  # times epochs
    unit = finetune["random"] / 2
    assert {cell: finetune[cell] for cell in tickets} == pytest.approx(
        {cell: count * unit for cell, count in tickets.items()}
    )


def test_bad_params_fail_before_the_graph_is_built(project: Path, tiny: dict[str, Any]) -> None:
    tiny["pretrain"]["epochs"] = -1
    write_params(project / "params" / "bad.yaml", tiny)
    result = snakemake(project, "-n", "--configfile", "params/bad.yaml")
    assert result.returncode != 0
    assert "pretrain.epochs: found -1" in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_committed_tables_come_from_committed_lines() -> None:
    made = sorted(ROOT.glob("results/*/tickets/table1.csv"))
    assert made
    for table in made:
        check_tables(table.parents[1])


def test_data_that_is_not_there_yet_can_be_planned_for(
    project: Path, tiny: dict[str, Any], tmp_path: Path
) -> None:
    own = ("dataset", "train_folder", "test_folder")
    wanted = pictures.settings(tmp_path / "none", name="imagenet", loaders=4)
    tiny["data"] = {key: value for key, value in wanted.items() if key not in own}
    tiny.update(run="planned", augment=pictures.AUGMENT)
    assert {"data", "pretrain", "finetune", "all"} <= reruns(project, tiny)


@pytest.mark.slow
def test_a_run_on_image_files_and_another_number_of_loaders(
    project: Path, tiny: dict[str, Any], tmp_path: Path
) -> None:
    pictures.write_folder(tmp_path, train=11, test=4)
    tiny.update(run="pictures", augment=pictures.AUGMENT)
    tiny["data"] = pictures.settings(tmp_path, size=32, resize=36, loaders=1)
    tiny["pretrain"]["calibration_images"] = 20
    tiny["methods"] = {name: tiny["methods"][name] for name in ("dense", "loft")}
    tiny["methods"]["loft"]["workers"] = [2]
    tiny["finetune"]["early"]["cells"] = ["loft-2"]
    tiny["controls"] = []
    write_params(project / "params" / "pictures.yaml", tiny)
    make(project, "pictures")
    table = rows(project / "results" / "pictures" / "tickets" / "table1.csv")
    assert [(row["dataset"], row["method"]) for row in table] == [
        ("pictures", "dense"),
        ("pictures", "loft"),
    ]
    assert {row["verdict"] for row in table} == {"not comparable"}
    tiny["data"]["loaders"] = 2
    assert reruns(project, tiny) == set()


@pytest.mark.slow
def test_post_activation_and_wide_networks_make_a_table(
    project: Path, tiny: dict[str, Any]
) -> None:
    tiny["run"] = "networks"
    tiny["models"] = [
        {"name": "resnet18", "width": 2},
        {"name": "wideresnet18", "width": 1, "widening": 2},
    ]
    for name in ("gpipe", "local_sgd", "loft"):
        tiny["methods"][name]["workers"] = [2]
    tiny["finetune"]["early"]["cells"] = ["loft-2"]
    write_params(project / "params" / "networks.yaml", tiny)
    make(project, "networks")
    table = rows(project / "results" / "networks" / "tickets" / "table1.csv")
    for model in ("resnet18", "wideresnet18"):
        cells = [row["method"] for row in table if row["model"] == model]
        assert cells == ["dense", "random", "scratch", "gpipe", "local_sgd", "loft"]
    for row in table:
        assert row["comm_gigabytes"] == row["comm_gigabytes_model"]
