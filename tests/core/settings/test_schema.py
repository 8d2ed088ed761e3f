"""Settings are closed: whatever does not fit is one line that names the key."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loft.core.data.sources import DataJob
from loft.core.data.sources.settings import FolderData
from loft.core.errors import UserError
from loft.core.settings.schema import validate
from loft.run import check, read
from loft.tickets.results.cells import Cell
from loft.tickets.run.run import Run
from tests import pictures
from tests.conftest import ROOT, loft, write_params

Values = dict[str, Any]


def set_key(dotted: str, value: object) -> Callable[[Values], None]:
    def change(values: Values) -> None:
        *sections, key = dotted.split(".")
        for section in sections:
            values = values[section]
        values[key] = value

    return change


def delete(dotted: str) -> Callable[[Values], None]:
    def change(values: Values) -> None:
        *sections, key = dotted.split(".")
        part: Any = values
        for section in sections:
            part = part[int(section) if section.isdigit() else section]
        del part[key]

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (set_key("sedes", [1]), "sedes: unknown key, did you mean 'seeds'?"),
        (set_key("methods.loft.momentun", "reset"), "did you mean 'momentum'?"),
        (delete("models"), "models: missing"),
        (delete("models.0.name"), "models.0: name: found None; expected one of preresnet18,"),
        (set_key("seeds", []), "seeds: found []"),
        (set_key("pretrain.epochs", 0), "pretrain.epochs: found 0"),
        (set_key("pretrain.epochs", "ten"), "pretrain.epochs: found 'ten'"),
        (set_key("pretrain.sgd.learning_rate", -0.1), "pretrain.sgd.learning_rate: found -0.1"),
        (set_key("prune.ratios", [1.0]), "prune.ratios.0: found 1.0"),
        (set_key("prune.ratios", [0.0]), "prune.ratios.0: found 0.0"),
        (set_key("pretrain.snapshot_every", 9), "pretrain.snapshot_every: found 9"),
        (set_key("pretrain.sgd.batch_size", 1000), "pretrain.sgd.batch_size: found 1000"),
        (set_key("pretrain.calibration_images", 999), "pretrain.calibration_images: found 999"),
        (set_key("methods.gpipe.microbatches", 5), "methods.gpipe.microbatches: found 5"),
        (set_key("methods.gpipe.workers", [2, 3]), "methods.gpipe.workers: found [3]"),
        (set_key("methods.loft.workers", [2, 4, 16]), "methods.loft.workers: found 16"),
        (set_key("methods.dense.workers", [2]), "methods.dense.workers: found [2]"),
        (delete("methods.dense"), "methods.dense: missing"),
        (set_key("methods.loft.momentum", "rest"), "methods.loft.momentum: found 'rest'"),
        (set_key("finetune.early.cells", ["loft-8"]), "finetune.early.cells: found 'loft-8'"),
        (set_key("finetune.early.ratios", [0.3]), "finetune.early.ratios: found 0.3"),
        (set_key("run", "my run"), "run: found 'my run'"),
        (set_key("data.name", "mnist"), "data: name: found 'mnist'; expected one of digits,"),
        (set_key("models", []), "models: found []"),
        (set_key("data.size", 4), "data.size: found 4"),
        (set_key("data.sise", 8), "data.sise: unknown key, did you mean 'size'?"),
        (set_key("augment.crop_paddin", 1), "augment.crop_paddin: unknown key, did you mean"),
        (set_key("augment", 4), "augment: found 4"),
    ],
)
def test_a_value_that_does_not_fit_is_named(
    tiny: Values, change: Callable[[Values], None], expected: str
) -> None:
    change(tiny)
    with pytest.raises(UserError) as error:
        validate(Run, tiny, "params/x.yaml")
    text = str(error.value)
    assert text.startswith("params/x.yaml: ")
    assert expected in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"pretrain": {"epoch": 6}}, "pretrain.epoch: unknown key, did you mean 'epochs'?"),
        ({"modles": [], "models": None}, "modles: unknown key, did you mean 'models'?"),
        ({"models": None, "quux": 1}, "models: missing"),
    ],
)
def test_a_misspelt_key_comes_before_what_follows_from_it(
    tiny: Values, values: Values, expected: str
) -> None:
    changed = {key: value for key, value in {**tiny, **values}.items() if value is not None}
    with pytest.raises(UserError, match=re.escape(expected)):
        validate(Run, changed, "params/x.yaml")


def folder(tiny: Values) -> Values:
    """The same run on image files."""
    tiny["data"], tiny["augment"] = pictures.settings(Path("pictures")), {**pictures.AUGMENT}
    return tiny


PADDED = {"crop_padding": 4, "flip": True}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (set_key("augment", PADDED), "augment: found crop_padding, flip; expected scale, ratio"),
        (set_key("augment.scale", [0.5, 1.5]), "augment.scale.1: found 1.5"),
        (set_key("augment.scale", [0.5]), "augment.scale: found [0.5]"),
        (set_key("augment.ratio", [2.0, 1.0]), "augment: ratio: found [2.0, 1.0]; expected [least"),
        (set_key("data.name", "imagenet"), "data.dataset: unknown key"),
        (delete("data.dataset"), "data.dataset: missing"),
        (set_key("data.train_images", 31), "pretrain.sgd.batch_size: found 32; expected at most"),
        (set_key("data.resize", 15), "data: resize: found 15; expected at least size (16)"),
        (set_key("data.channels", 2), "data.channels: found 2"),
        (set_key("data.test_folder", None), "data: test_images: found null; expected a number"),
        (set_key("data.loader", 3), "data.loader: unknown key, did you mean 'loaders'?"),
    ],
)
def test_a_value_that_does_not_fit_image_files_is_named(
    tiny: Values, change: Callable[[Values], None], expected: str
) -> None:
    change(folder(tiny))
    with pytest.raises(UserError) as error:
        validate(Run, tiny, "params/x.yaml")
    assert f"params/x.yaml: {expected}" in str(error.value).replace("settings: ", "")
    assert "\n" not in str(error.value)


def test_image_files_crops_do_not_fit_images_in_memory(tiny: Values) -> None:
    tiny["augment"] = {**pictures.AUGMENT}
    with pytest.raises(UserError, match="augment: found flip, ratio, scale; expected crop_padding"):
        validate(Run, tiny, "params/x.yaml")


def test_a_run_on_image_files_is_told_to_its_steps_but_for_the_loaders(tiny: Values) -> None:
    folder(tiny)["data"]["loaders"] = 3
    run = validate(Run, tiny, "params/x.yaml")
    assert isinstance(run.data, FolderData)
    assert run.data.loaders == 3
    assert "loaders" not in DataJob(data=run.data).dump()
    told = DataJob.parse(DataJob(data=run.data).dump()).data
    assert isinstance(told, FolderData)
    assert told.loaders == 0
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    assert type(job).parse(job.dump()) == job


@pytest.mark.parametrize("path", sorted((ROOT / "params").glob("*.yaml")), ids=lambda p: p.stem)
def test_the_runs_in_params_are_valid_and_named_like_their_files(path: Path) -> None:
    assert read(path).run == path.stem


@pytest.mark.parametrize("studies", [None, [], ["ticket"], "tickets", [["tickets"]]])
def test_a_run_lists_studies_that_there_are(tiny: Values, studies: Any) -> None:
    tiny["studies"] = studies
    with pytest.raises(UserError, match=r"^params/x.yaml: studies: found .*; expected some of"):
        check(tiny, "params/x.yaml")


def test_a_wrong_file_is_one_line_and_status_2(tiny: Values, tmp_path: Path) -> None:
    tiny["pretrain"]["epochs"] = "ten"
    params = write_params(tmp_path / "x.yaml", tiny)
    result = loft("check", "--params", str(params))
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert f"{params}: pretrain.epochs: found 'ten'" in result.stderr
    missing = loft("check", "--params", str(tmp_path / "none.yaml"))
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)


def test_settings_travel_as_json(run: Run) -> None:
    job = run.pretrain_job("preresnet18", "loft-4", 0)
    assert type(job).parse(job.dump()) == job
    with pytest.raises(UserError, match="--settings"):
        DataJob.parse("{")


def test_cells_and_their_names() -> None:
    assert Cell("dense", 1).name == "dense"
    assert Cell("local_sgd", 4).name == "local_sgd-4"
    assert Cell.parse("local_sgd-4") == Cell("local_sgd", 4)
    assert Cell.parse("dense") == Cell("dense", 1)


def test_which_snapshots_and_tickets_a_run_makes(run: Run, tiny: Values) -> None:
    assert run.snapshots == [0, 1, 2]
    tiny["pretrain"].update(epochs=12, snapshot_every=5)
    assert Run.model_validate(tiny).snapshots == [0, 5, 10, 12]

    def names(cell: str) -> list[tuple[int, float]]:
        return [(ticket.snapshot, ticket.ratio) for ticket in run.tickets(cell)]

    assert names("dense") == [(0, 0.8), (2, 0.5), (2, 0.8)]  # the untrained one for all methods
    assert names("loft-2") == [(1, 0.8), (2, 0.5), (2, 0.8)]
    assert names("local_sgd-2") == [(2, 0.5), (2, 0.8)]
