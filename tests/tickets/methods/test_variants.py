"""Variants: rows of Table 1 for a method with other options."""

import copy
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.run import check
from loft.tickets.methods import METHODS, base
from loft.tickets.methods.interface import find
from loft.tickets.report.looks import look, title
from loft.tickets.results.cells import Cell
from loft.tickets.results.schema.names import method_name
from loft.tickets.run.run import Run
from tests.conftest import TINY


def with_variants(variants: Any, method: str = "loft") -> Run:
    values = copy.deepcopy(TINY)
    values["methods"][method]["variants"] = variants
    run: Run = check(values, "params")
    return run


def test_a_variant_has_its_methods_options_but_for_those_that_it_names() -> None:
    run = with_variants({"fast": {"learning_rate": 0.2, "workers": [2]}})
    own = run.pretrain_job("preresnet18", "loft-2", 0)
    other = run.pretrain_job("preresnet18", "loft.fast-2", 0)
    assert (own.sgd.learning_rate, other.sgd.learning_rate) == (0.05, 0.2)
    assert other.method == "loft"
    assert other.options == own.options
    assert [cell.name for cell in run.cells if cell.base == "loft"] == [
        "loft-2",
        "loft-4",
        "loft.fast-2",
    ]


def test_a_variant_leaves_what_its_method_is_told_as_it_was() -> None:
    plain = with_variants({}).pretrain_job("preresnet18", "loft-2", 0)
    run = with_variants({"fast": {"learning_rate": 0.2}})
    assert run.pretrain_job("preresnet18", "loft-2", 0).dump() == plain.dump()


def test_the_dense_column_and_the_control_from_scratch_have_the_dense_rate() -> None:
    values = copy.deepcopy(TINY)
    values["methods"]["dense"] = {"learning_rate": 0.3}
    run: Run = check(values, "params")
    assert run.pretrain_job("preresnet18", "unpruned", 0).sgd.learning_rate == 0.3
    assert run.finetune_job("scratch", 0).sgd.learning_rate == 0.3
    assert run.pretrain_job("preresnet18", "loft-2", 0).sgd.learning_rate == 0.05


def test_cells_share_a_training_only_at_one_learning_rate() -> None:
    values = copy.deepcopy(TINY)
    values["methods"]["gpipe"] = {"workers": [2], "microbatches": 1, "measured_steps": 1}
    assert check(values, "params").trainer("gpipe-2") == "dense"
    values["methods"]["gpipe"]["learning_rate"] = 0.3
    assert check(values, "params").trainer("gpipe-2") == "gpipe-2"


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        ({"re": {"momentums": 1}}, "variants.re.momentums: unknown key, did you mean 'momentum'?"),
        ({"re": {"momentum": 3}}, "variants.re.momentum: found 3; input should be"),
        ({"Re-set": {}}, "variants.Re-set: found 'Re-set'; string should match"),
        ({"a": {"variants": {"b": {}}}}, "variants.a.variants: a variant has no variants"),
        ({"a": {"workers": [99]}}, "methods.loft.variants.a.workers: found 99"),
        (5, "variants: found 5"),
    ],
)
def test_faults_name_the_variants_key(variants: Any, said: str) -> None:
    with pytest.raises(UserError, match=r"methods\.loft") as caught:
        with_variants(variants)
    assert said in str(caught.value)


@pytest.mark.parametrize("method", METHODS)
def test_a_variant_is_shown_as_its_method_and_told_from_it(method: str) -> None:
    own, other = look(method), look(f"{method}.other_one")
    assert other.title == f"{own.title} (other one)"
    assert other.colour != own.colour
    assert title(f"{method}.other_one-2").startswith(other.title)
    assert find(f"{method}.other_one") is find(method)


def test_names() -> None:
    assert Cell.parse("loft.reset-4") == Cell("loft.reset", 4)
    assert Cell("loft.reset", 4).base == base("loft.reset") == "loft"
    assert method_name("loft.reset") == "loft.reset"
    for wrong in ("loft.", "loft.A", "loft.a.b", "lost.reset", "loft reset"):
        with pytest.raises(ValueError, match="expected one of"):
            method_name(wrong)
