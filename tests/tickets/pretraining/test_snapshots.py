"""Networks and records of earlier steps are used only if they are what they should be."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from loft.cli import main
from loft.core.data.resident_images import Images
from loft.core.errors import UserError
from loft.core.files.checkpoint import read_tensors, write_network, write_tensors
from loft.core.reporting.metrics import Journal
from loft.models.build import build
from loft.tickets.finetuning import finetune
from loft.tickets.finetuning.ticket import Ticket
from loft.tickets.network.norms import ALL_NORMS, measure_norms
from loft.tickets.pretraining.snapshots import read_norms, read_snapshot
from loft.tickets.pruning import prune
from loft.tickets.pruning.job import DistanceJob, PruneJob, TicketName
from loft.tickets.pruning.tickets import read_ticket
from loft.tickets.report.heatmaps import read_pairs
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests.conftest import ORIGIN

NAME = TicketName(snapshot=2, ratio=0.5, multiple=1)
PRUNE = PruneJob(epochs=[2], ratios=[0.5], criterion="l2", multiple=1)
KEPT = [0, 2]  # of layer1.1's four filters, which has two left
About = dict[str, Any]
Weights = dict[str, Tensor]
MODEL = {"name": "preresnet18", "width": 4}
SHAPE = {"channels": 1, "size": 8, "classes": 10}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot and its ticket, whose layer1.1 keeps the filters 0 and 2."""
    folder = tmp_path_factory.mktemp("pretraining")
    weights = build("preresnet18", 4, **SHAPE, seed=0).state_dict()  # type: ignore[arg-type]
    for index in (1, 3):
        weights["layer1.1.conv1.weight"][index] *= 0.01
    about = {"model": MODEL, "dataset": "digits", **SHAPE, "cell": "loft-2", "seed": 0}
    about |= {"epoch": 2, "test_accuracy": 50.0, "filters": {}, **ORIGIN}
    write_network(paths.snapshot(folder, 2), weights, about)
    prune.prune(folder, folder, 2, PRUNE, "l2")
    assert read_ticket(folder, NAME).about["kept"]["layer1.1"] == KEPT
    return folder


def change(path: Path, to: Path, about: Callable[[About], None], weights: Any = None) -> Path:
    """Write a network again, changed; return its file."""
    tensors, _ = read_tensors(path)
    facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    about(facts)
    if weights is not None:
        weights(tensors)
    write_network(to, tensors, facts)
    return to


def set_to(key: str, value: Any) -> Callable[[About], None]:
    return lambda facts: facts.update({key: value})


def kept(*indices: Any) -> Callable[[About], None]:
    return lambda facts: facts["kept"].update({"layer1.1": [*indices]})


def left(**counts: Any) -> Callable[[About], None]:
    def put(facts: About) -> None:
        facts["filters"].update({key.replace("_", "."): count for key, count in counts.items()})

    return put


ABOUT = [  # what is changed in a ticket's JSON, and what is said of it
    (lambda facts: facts.pop("kept"), "kept: missing"),
    (set_to("keep", {}), "keep: unknown key, did you mean 'kept'?"),
    (set_to("model", {**MODEL, "name": "preresnet81"}), "found 'preresnet81'; expected one of"),
    (set_to("model", {**MODEL, "name": "preresnet81"}), "did you mean 'preresnet18'?"),
    (set_to("model", {**MODEL, "name": "resnet18"}), "missing"),
    (set_to("model", {**MODEL, "depth": 18}), "model.depth: unknown key"),
    (set_to("model", {**MODEL, "width": 8}), "filters: found {'layer1.1': 2"),
    (set_to("model", "preresnet18"), "model: found 'preresnet18'"),
    (set_to("channels", 3), "stem.conv.weight: found float32 [4, 1, 3, 3]; expected float32 [4, 3"),
    (
        set_to("classes", 100),
        "head.linear.weight: found float32 [10, 32]; expected float32 [100, 3",
    ),
    (set_to("classes", "10"), "classes: found '10'"),
    (set_to("epoch", 1), "epoch: found 1; expected 2"),
    (set_to("ratio", 0.8), "ratio: found 0.8; expected 0.5"),
    (set_to("multiple", 8), "multiple: found 8; expected 1"),
    (set_to("ratio", 1), "ratio: found 1; input should be less than 1"),
    (set_to("seed", -1), "seed: found -1"),
    (set_to("filters", {}), "filters: found {}; expected {'layer1.1': 2"),
    (left(layer1_1=3), "filters: found {'layer1.1': 3"),
    (left(layer1_0=2), "filters: found {'layer1.0': 2"),
    (left(layer1_1=2.0), "found 2.0"),
    (
        lambda facts: facts["kept"].pop("layer1.1"),
        "kept: found ['layer2.1', 'layer3.1', 'layer4.1'",
    ),
    (kept(2, 0), "kept.layer1.1: found [2, 0]; expected ascending indices, each once, from 0 to 3"),
    (kept(0, 0), "kept.layer1.1: found [0, 0]; expected ascending indices, each once"),
    (kept(0, 4), "kept.layer1.1: found [0, 4]; expected ascending indices, each once, from 0 to 3"),
    (kept(-1, 2), "kept.layer1.1: found [-1, 2]; expected ascending"),
    (kept(0, 1, 2), "kept.layer1.1: found 3 indices; expected 2 indices"),
    (kept(), "kept.layer1.1: found 0 indices; expected 2 indices"),
    (kept(0, 1.5), "found 1.5"),
    (kept(0, True), "found True"),
    (kept(0, "2"), "found '2'"),
]


@pytest.mark.parametrize(("about", "expected"), ABOUT, ids=[text for _, text in ABOUT])
def test_what_a_ticket_says_is_checked(
    made: Path, tmp_path: Path, about: Callable[[About], None], expected: str
) -> None:
    path = change(paths.ticket(made, 2, 0.5), paths.ticket(tmp_path, 2, 0.5), about)
    with pytest.raises(UserError) as error:
        read_ticket(tmp_path, NAME)
    text = str(error.value)
    assert text.startswith((f"{path.with_suffix('.json')}: ", f"{path}: "))
    assert expected in text
    assert "\n" not in text


def put(name: str, make: Callable[[Tensor], Tensor]) -> Callable[[Weights], None]:
    return lambda weights: weights.update({name: make(weights[name])})


CONV = "layer1.1.conv1.weight"
TENSORS = [  # what is changed in a ticket's weights, and what is said of it
    (put(CONV, lambda t: t[:1]), f"{CONV}: found float32 [1, 4, 3, 3]; expected float32 [2, 4, 3"),
    (put(CONV, Tensor.double), f"{CONV}: found float64 [2, 4, 3, 3]; expected float32"),
    (put(CONV, Tensor.int), f"{CONV}: found int32"),
    (put(CONV, lambda t: t * torch.nan), f"{CONV}: found infinite values or none"),
    (put("head.linear.bias", lambda t: t + torch.inf), "head.linear.bias: found infinite values"),
    (put("stem.conv.weight", torch.flatten), "stem.conv.weight: found float32 [36]"),
    (lambda weights: weights.pop(CONV), f"{CONV}: missing"),
    (lambda weights: weights.update(surprise=torch.ones(1)), "surprise: does not belong there"),
]  # fmt: skip


@pytest.mark.parametrize(("weights", "expected"), TENSORS, ids=[text for _, text in TENSORS])
def test_a_tickets_weights_are_checked(
    made: Path, tmp_path: Path, weights: Callable[[Weights], None], expected: str
) -> None:
    path = paths.ticket(made, 2, 0.5)
    change(path, paths.ticket(tmp_path, 2, 0.5), lambda _: None, weights)
    with pytest.raises(UserError) as error:
        read_ticket(tmp_path, NAME)
    assert f"ticket.safetensors: {expected}" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        (set_to("epoch", 3), "epoch: found 3; expected 2"),
        (set_to("filters", {"layer1.1": 2}), "filters: found {'layer1.1': 2}; expected {}"),
        (set_to("kept", {}), "kept: unknown key"),
        (set_to("test_accuracy", "high"), "test_accuracy: found 'high'"),
        (set_to("model", {"name": "preresnet34", "width": 4}), "layer1.2.before.weight: missing"),
    ],
)
def test_a_snapshot_is_checked_before_it_is_pruned(
    made: Path, tmp_path: Path, about: Callable[[About], None], expected: str
) -> None:
    change(paths.snapshot(made, 2), paths.snapshot(tmp_path, 2), about)
    with pytest.raises(UserError) as error:
        prune.prune(tmp_path, tmp_path / "out", 2, PRUNE, "l2")
    assert expected in str(error.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("part", ["safetensors", "json"])
@pytest.mark.parametrize("kind", ["snapshot", "ticket"])
def test_a_file_cut_anywhere_is_one_line(made: Path, tmp_path: Path, kind: str, part: str) -> None:
    source = paths.snapshot(made, 2) if kind == "snapshot" else paths.ticket(made, 2, 0.5)
    path = tmp_path / source.relative_to(made)
    change(source, path, lambda _: None)
    cut = path.with_suffix(f".{part}")
    content = cut.read_bytes().strip()
    for length in {0, 1, 7, 8, 9, *range(0, len(content), len(content) // 20), len(content) - 1}:
        cut.write_bytes(content[:length])
        with pytest.raises(UserError, match=f"{cut}: expected") as error:
            if kind == "snapshot":
                read_snapshot(tmp_path, 2)
            else:
                read_ticket(tmp_path, NAME)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["[1]", "null", '"ticket"', "[" * 100_000, "{}", '{"a": NaN}'])
def test_json_that_is_no_tickets(made: Path, tmp_path: Path, text: str) -> None:
    path = paths.ticket(tmp_path, 2, 0.5)
    change(paths.ticket(made, 2, 0.5), path, lambda _: None)
    path.with_suffix(".json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        read_ticket(tmp_path, NAME)
    assert str(error.value).startswith(f"{path.with_suffix('.json')}: ")


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        (set_to("dataset", "CIFAR-10"), "dataset: found 'CIFAR-10'; expected the images' 'digits'"),
        (set_to("seed", 1), "seed: found 1; expected the job's 0"),
    ],
)
def test_a_ticket_is_held_against_job_and_images(
    made: Path,
    run: Run,
    images_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    about: Callable[[About], None],
    expected: str,
) -> None:
    change(paths.ticket(made, 2, 0.5), paths.ticket(tmp_path, 2, 0.5), about)
    job = run.finetune_job("loft-2", 0).model_copy(update={"tickets": [NAME]})
    given = ["--settings", job.dump(), "--data", str(images_file), "--pretrained", str(tmp_path)]
    outputs = ["--norms", str(tmp_path / "norms"), "--metrics", str(tmp_path / "lines")]
    assert main(["finetune", *given, *outputs]) == 2
    said = capsys.readouterr().err
    assert expected in said
    assert said.count("\n") == 1
    assert not (tmp_path / "lines").exists()


def test_a_ticket_for_other_images_is_refused(
    made: Path, run: Run, images: Images, tmp_path: Path
) -> None:
    tickets = [Ticket.load(made, NAME)]
    larger = Images("digits", [*"0123456789"], *(torch.ones(0, 1, 16, 16),) * 4)
    job = run.finetune_job("loft-2", 0)
    finetune._belong(job, images, tickets, made)
    with pytest.raises(UserError, match="size: found 8; expected the images' 16"):
        finetune._belong(job, larger, tickets, made)


def recorded() -> Weights:
    """Three epochs' record of the network."""
    state = build("preresnet18", 4, **SHAPE, seed=0).state_dict()  # type: ignore[arg-type]
    return {name: torch.stack([row] * 3) for name, row in measure_norms(state, ALL_NORMS).items()}


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (put("l2/stem.conv", lambda t: t[:2]), "l2/stem.conv: found float32 [2, 4]; expected"),
        (put("scale/layer2.0.before", lambda t: t[:, :3]), "scale/layer2.0.before: found float32"),
        (put("max/stem.conv", lambda t: t * torch.nan), "max/stem.conv: found infinite values"),
        (lambda record: record.pop("l1/stem.conv"), "l1/stem.conv: missing, did you mean"),
        (lambda record: record.update(more=torch.ones(3, 4)), "more: does not belong there"),
    ],
)  # fmt: skip
def test_a_record_of_norms_is_checked(
    tmp_path: Path, weights: Callable[[Weights], None], expected: str
) -> None:
    path = tmp_path / "norms.safetensors"
    about = {"model": MODEL, **SHAPE, "epochs": 2}
    write_tensors(path, recorded())
    assert read_norms(path, about).keys() == recorded().keys()
    record = recorded()
    weights(record)
    write_tensors(path, record)
    with pytest.raises(UserError) as error:
        read_norms(path, about)
    assert f"{path}: {expected}" in str(error.value)


def test_the_distance_step_says_which_record_is_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    norms, lines = tmp_path / "norms.safetensors", tmp_path / "metrics.jsonl"
    write_tensors(norms, recorded())
    norms.write_bytes(norms.read_bytes()[:-9])
    about = {"model": MODEL, "dataset": "digits", **SHAPE, "cell": "dense", "seed": 0}
    Journal({"step": "pretrain", **about, "epochs": 2}).write(lines)
    job = DistanceJob(mask_ratio=0.5, mask_threshold=0.1, filter_threshold=0.2, window=5)
    given = ["--norms", str(norms), "--pretrained", str(lines), "--metrics", str(tmp_path / "out")]
    assert main(["distance", "--settings", job.dump(), *given]) == 2
    assert capsys.readouterr().err.startswith(f"loft: {norms}: expected a whole safetensors file")


PAIRS = {"filters/stem.conv": np.zeros((3, 3)), "masks": np.zeros((2, 2))}


WHOSE = '{"model": "a", "dataset": "b", "cell": "unpruned", "seed": 0}'


@pytest.mark.parametrize(
    ("arrays", "about", "expected"),
    [
        (PAIRS | {"masks": np.zeros((3, 3))}, "{}", "about: model: missing"),
        (PAIRS, "[" * 100_000, "not distances between epochs"),
        (PAIRS, "", "not distances between epochs"),
        (PAIRS, WHOSE, ""),
        ({"masks": np.zeros((2, 2))}, WHOSE, "filters/stem.conv: missing"),
        (PAIRS | {"masks": np.zeros((3, 3))}, WHOSE,
         "filters/stem.conv: found float32 [3, 3]; expected float32 [4, 4]"),
        (PAIRS | {"masks": np.zeros((2, 3))}, WHOSE, "masks: found"),
        (PAIRS | {"other": np.zeros(2)}, WHOSE, "other: does not belong"),
    ],
)  # fmt: skip
def test_distances_are_checked_before_they_are_drawn(
    tmp_path: Path, arrays: dict[str, Any], about: str, expected: str
) -> None:
    path = tmp_path / "pairs.safetensors"
    write_tensors(path, {name: torch.from_numpy(a).float() for name, a in arrays.items()}, about)
    if not expected:
        assert [*read_pairs([path])] == ["a, b"]
        return
    with pytest.raises(UserError) as error:
        read_pairs([path])
    assert f"{path}: {expected}" in str(error.value)
