"""Kinds of checks that compare rows, as they are written in checks.yaml."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import get_args, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from impacteval.checks import response, statistics
from impacteval.checks.statistics import Outlier
from impacteval.delivery import Roles
from impacteval.validation import (
    attrition,
    coverage,
    non_response,
    other_specify,
    outliers,
    units_of_measure,
    wages,
)

MODULES = (attrition, coverage, non_response, other_specify, outliers, units_of_measure, wages)
ALL_KINDS = (*statistics.KINDS, *response.KINDS)
ASKED = {
    "unit_slip": {"column": "sales"},
    "implied_wage": {
        "wage_bill": "bill",
        "employment": "staff",
        "province": "province",
        "reference": "minimum",
        "reference_province": "where",
        "reference_year": "year",
        "reference_amount": "amount",
    },
    "wage_agreement": {
        "wage_bill": "bill",
        "employment": "staff",
        "workers": "workers",
        "worker_wage": "wage",
    },
    "outlier": {"columns": ["sales"]},
    "multivariate_outlier": {"columns": ["sales", "staff"]},
    "item_non_response": {"columns": ["sales"]},
    "other_specify": {"column": "sector", "other": "96", "text": "sector_other"},
    "attrition": {},
    "coverage": {"columns": ["scrap"]},
}


def kind_of(type_):
    return get_args(get_type_hints(type_)["kind"])[0]


def read(type_, **changes):
    kind = kind_of(type_)
    text = json.dumps({"kind": kind, "id": "c", "table": "firms", **ASKED[kind], **changes})
    return TypeAdapter(type_).validate_json(text)


@pytest.mark.parametrize("type_", ALL_KINDS, ids=kind_of)
def test_a_check_need_not_repeat_severity_message_and_suggestion(type_):
    check = read(type_)
    assert check.severity == ("info" if type_.__name__ == "Coverage" else "warning")
    assert check.message and check.suggestion
    assert read(type_, severity="error", message="m").severity == "error"


@pytest.mark.parametrize("type_", ALL_KINDS, ids=kind_of)
def test_its_definition_names_columns_and_thresholds(type_):
    said = read(type_).defined
    assert not set("{}[]'") & set(said.replace("enterprise's", ""))
    assert "()" not in said and "None" not in said
    for column in read(type_).columns_read:
        assert column in said


@pytest.mark.parametrize("type_", ALL_KINDS, ids=kind_of)
def test_an_unknown_key_is_refused(type_):
    with pytest.raises(ValidationError):
        read(type_, treshold=1)


@pytest.mark.parametrize("type_", ALL_KINDS, ids=kind_of)
def test_roles_that_it_needs_exist_and_its_place_in_the_catalogue_is_named(type_):
    check = read(type_)
    assert set(check.roles_needed) <= {f.name for f in fields(Roles)}
    assert check.code in {"C24", "C25", "C26", "C35", "C36", "C38", "C39", "C48"}


def test_each_kind_has_one_function():
    functions = [kind for module in MODULES for kind in module.FUNCTIONS]
    assert len(functions) == len(set(functions))
    assert set(functions) == set(ALL_KINDS)


def test_the_multiplier_is_that_of_the_method_unless_said():
    assert [read(Outlier, method=m).limit for m in ("mad", "iqr", "sd")] == [3.5, 1.5, 3.0]
    assert read(Outlier, method="sd", multiplier=4).limit == 4.0
    assert "more than 3 x sd (raw)" in read(Outlier, method="sd", scale="raw").defined


def test_the_year_of_a_minimum_wage_is_the_period_unless_a_column_says_it():
    implied = ALL_KINDS[1]
    assert read(implied).roles_needed == ("period",)
    assert read(implied, year="fiscal_year").roles_needed == ()
    assert read(implied).columns_elsewhere == (
        ("minimum", "where"),
        ("minimum", "year"),
        ("minimum", "amount"),
    )
