"""Every key says what it is; a key that was added later changes nothing that was made before."""

import json

import pytest
from pydantic import PositiveInt

from loft.core.errors import UserError
from loft.core.settings.keys import OURS, facts, key
from loft.core.settings.lookup import load
from loft.core.settings.reference import Section, sections
from loft.core.settings.schema import Settings
from loft.core.settings.shared import Header
from loft.run import STUDIES
from loft.tickets.run.run import Run

SECTIONS = [section for address in STUDIES.values() for section in sections(load(address))]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: f"{each.path}-{each.name}")
def test_every_key_has_a_description_and_a_source(section: Section) -> None:
    for name, field in section.schema.model_fields.items():
        assert field.description, name
        assert not field.description.endswith("."), name
        assert facts(field)["source"], name


def test_studies_share_no_name_of_their_runs_but_data() -> None:
    """A run of several studies is one class, made of theirs."""
    seen: dict[str, str] = {}
    for study, address in STUDIES.items():
        for name in {*vars(load(address))} - {*vars(Header)}:
            assert name not in seen, f"{study} and {seen[name]} both have {name}"
            seen[name] = study


def test_the_sections_of_all_studies_are_found() -> None:
    found = {(section.path, section.name) for section in SECTIONS}
    assert found >= {
        ("", None),
        ("data", "cifar10, cifar100"),
        ("augment", None),
        ("models[]", "wideresnet18, wideresnet34"),
        ("methods.loft", None),
        ("finetune.early", None),
        ("theorem1.synthetic", None),
        ("soda.problems[].data", "sparse"),
        ("soda.problems[].simulate", None),
        ("diversity.replication[].model", "logistic"),
        ("diversity.passes.batches[]", None),
    }


class Before(Settings):
    steps: PositiveInt = key(4, "steps", source=OURS)


class After(Before):
    """The same with keys that were added later, one of them with another default."""

    fast: bool = key(False, "speed", source=OURS, neutral=False)
    tries: int = key(3, "tries", source=OURS, neutral=1)
    readers: int = key(2, "readers", source=OURS, told=False)


def test_a_neutral_value_is_not_told() -> None:
    assert After(tries=1).dump() == Before().dump() == '{"steps":4}'
    assert json.loads(After(fast=True).dump()) == {"steps": 4, "fast": True, "tries": 3}


def test_a_key_that_is_not_told_has_its_neutral_value_not_its_default() -> None:
    told = After.parse(Before().dump())
    assert (told.fast, told.tries) == (False, 1)
    for settings in (After(), After(tries=1), After(fast=True, tries=7)):
        assert After.parse(settings.dump()) == settings


def test_a_default_stands_for_no_key_that_a_step_is_told() -> None:
    with pytest.raises(UserError, match=r"^--settings: settings: steps: missing$"):
        After.parse("{}")


def test_a_job_leaves_out_what_is_neutral_and_what_changes_no_bit(run: Run) -> None:
    compute = json.loads(run.pretrain_job("preresnet18", "loft-2", 0).dump())["compute"]
    assert [*compute] == ["threads", "precision", "channels_last", "compiled"]
