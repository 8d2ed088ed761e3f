"""The table has every method that is in the folder."""

import importlib
import pkgutil

from loft.core.settings.lookup import load
from loft.tickets import methods
from loft.tickets.methods import METHODS
from loft.tickets.methods.interface import Method
from loft.tickets.results.cells import Cell


def test_no_method_is_forgotten() -> None:
    found = set()
    for module in pkgutil.iter_modules(methods.__path__, f"{methods.__name__}."):
        own = vars(importlib.import_module(module.name)).values()
        found |= {
            each
            for each in own
            if isinstance(each, type)
            and issubclass(each, Method)
            and each.__module__ == module.name
            and "look" in vars(each)  # those without one are bases of others
        }
    assert {load(address) for address in METHODS.values()} == found


def test_a_methods_name_is_told_from_its_workers_in_a_cell() -> None:
    for name in METHODS:
        assert Cell.parse(f"{name}-4" if name != "dense" else name).method == name
