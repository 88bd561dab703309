"""Conditions of two published forms are parsed, or listed with the function that is not evaluated."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pandas as pd
import pytest

from impacteval.errors import ConfigError
from impacteval.survey.expressions import UnsupportedExpression, holds, parse
from support.slow_expressions import holds_slowly

pytestmark = pytest.mark.reference


def kobo_conditions(reference):
    path = reference.path("data", "survey", "kobo_survey.csv")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [
        (row["name"], row[kind]) for kind in ("relevant", "constraint") for row in rows if row[kind].strip()
    ]


def ipa_conditions(reference):
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(reference.path("data", "survey", "ipa_Household_Survey.xlsx"))
    header, *rows = book.get_sheet_by_name("survey").to_python()
    at = {name: number for number, name in enumerate(header)}
    return [
        (row[at["name"]], str(row[at[kind]]))
        for kind in ("relevance", "constraint")
        for row in rows
        if str(row[at[kind]]).strip()
    ]


def sorted_out(conditions):
    """Counts of conditions that are parsed, and of functions that are not evaluated."""
    counts, refused = Counter(), {}
    for name, text in conditions:
        try:
            parse(text)
            counts["parsed"] += 1
        except UnsupportedExpression as error:
            (function,) = re.findall(r"the function (\S+)\(\)", str(error))
            counts[function] += 1
        except ConfigError as error:
            refused[name] = str(error)
    return dict(counts), refused


def test_conditions_of_the_kobo_form(reference):
    conditions = kobo_conditions(reference)
    assert len(conditions) == 255
    assert sorted_out(conditions) == ({"parsed": 255}, {})


def test_conditions_of_the_household_form(reference):
    conditions = ipa_conditions(reference)
    counts, refused = sorted_out(conditions)
    assert len(conditions) == 150
    assert refused == {}
    assert counts == {"parsed": 143, "index": 7}


def test_conditions_hold_in_published_data_as_row_by_row(reference):
    path = reference.path("data", "survey", "kobo_raw_data.csv")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    table = pd.DataFrame(rows).astype("str")
    conditions = [(name, parse(text)) for name, text in kobo_conditions(reference) if name in table]
    assert (len(rows), len(conditions)) == (632, 165)
    for name, condition in conditions:
        slowly = [holds_slowly(condition.tree, {**row, "": row[name]}) for row in rows]
        assert holds(condition, table, name).tolist() == slowly, name
