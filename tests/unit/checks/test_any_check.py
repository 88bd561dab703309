"""Kinds of checks are named once: the union, the package and the modules agree."""

from __future__ import annotations

import importlib
import pkgutil
from typing import get_args

import pytest

from impacteval import checks
from impacteval.checks import AnyCheck, Check
from impacteval.validation.functions import FUNCTIONS

MODULES = [
    importlib.import_module(f"impacteval.checks.{m.name}") for m in pkgutil.iter_modules(checks.__path__)
]
KINDS = [kind for module in MODULES for kind in getattr(module, "KINDS", ())]


def test_every_kind_of_every_module_can_be_asked_for():
    assert set(get_args(AnyCheck)) == set(KINDS)
    assert len(KINDS) == len(set(KINDS)) > 50


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_is_a_name_of_the_package_and_is_a_check(kind):
    assert getattr(checks, kind.__name__) is kind
    assert issubclass(kind, Check)


def test_no_check_of_a_module_is_left_out_of_its_kinds():
    bases = {base for kind in KINDS for base in kind.__mro__[1:]}
    found = {
        item
        for module in MODULES
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Check) and item.__module__ == module.__name__
    }
    assert found - bases == set(KINDS)


def test_every_kind_that_is_run_by_a_function_of_its_own_can_be_asked_for():
    assert set(FUNCTIONS) <= set(get_args(AnyCheck))
