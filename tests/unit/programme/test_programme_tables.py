"""The tables of a programme, and that a study without one has them empty."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from impacteval.programme.costs import COST_COLUMNS, UNIT_COST_COLUMNS
from impacteval.programme.monitoring import MONITORING_COLUMNS
from impacteval.programme.tables import programme_tables
from impacteval.programme.types import Account
from support.plans import BY_SWITCH, make_outcome, make_plan
from support.programmes import PROGRAMME, ledger, people, rate, row

CLEAN = {"costs": ledger(), "people": people()}
PANEL = pd.DataFrame(
    {
        "unit": ["a", "a", "b", "c"],
        "period": [1, 2, 1, 1],
        "arm": ["grant", "grant", "grant", "none"],
        "profit": 1.0,
    }
)
ESTIMATES = pd.DataFrame(
    {
        "outcome": ["profit", "profit", "profit", "sales"],
        "role": ["primary", "supporting", "primary", "secondary"],
        "subgroup": ["", "", "size", ""],
        "estimate": 2.0,
        "conf_low": 1.0,
        "conf_high": 4.0,
    }
)


def tables_of(account, outcome=None):
    outcomes = (outcome or make_outcome(), make_outcome("sales"))
    return programme_tables(
        CLEAN, PANEL, ESTIMATES, plan=make_plan(BY_SWITCH), outcomes=outcomes, account=account
    )


def test_study_that_says_nothing_of_its_programme_has_empty_tables():
    found = tables_of(Account())
    assert {name: list(table.columns) for name, table in found.items()} == {
        "monitoring": list(MONITORING_COLUMNS),
        "costs": list(COST_COLUMNS),
        "unit_costs": list(UNIT_COST_COLUMNS),
    }
    assert all(table.empty for table in found.values())


def test_costs_are_of_headlines_of_primary_outcomes_and_enterprises_served():
    found = tables_of(Account(programme=(PROGRAMME,), parameters=(rate(),)))
    assert found["monitoring"].empty
    assert found["costs"]["amount"].max() == 700
    units = found["unit_costs"].set_index("measure")
    assert units.loc["per_enterprise", ["value", "denominator"]].tolist() == [350, 2]
    assert units["outcome"].tolist() == ["", "", "", "profit"]
    assert units.loc["per_unit_of_effect", "value"] == 175


def test_the_wanted_direction_is_that_of_the_outcome():
    lower = replace(make_outcome(), direction="lower")
    found = tables_of(Account(programme=(PROGRAMME,), parameters=(rate(),)), lower)
    assert found["unit_costs"]["value"].isna().tolist() == [False, False, False, True]


def test_levels_are_labelled_by_the_periods_of_the_plan():
    level = row(table="panel", measure="mean", column="profit", date="")
    found = tables_of(Account(framework=(level,)))
    assert found["monitoring"]["period"].tolist() == ["1", "2", "3"]
    assert found["monitoring"]["n_rows"].tolist() == [2, 1, 0]
    assert found["costs"].empty
