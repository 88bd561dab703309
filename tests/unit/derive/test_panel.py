"""All formulas of a study: aggregates, indices, parameters, order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from impacteval.derive.panel import derive_panel
from impacteval.design import PanelRule
from impacteval.errors import ConfigError, DataError
from support.derivations import ENTRY, ROLES, column, derive, outcome, parameter, plan_of, survey, with_source

TABLES = survey(12)
FORMULAS = {
    "practices": "share(mp01 == 'yes', mp02 == 'yes', mp03 == 'yes')",
    "voice": "workers.mean(icw(sat1, sat2, sat3))",
    "wage": "workers.mean(wage, where=sex == 'f', at_least=2)",
    "last_module": "training.first(module, where=classroom_end <= day)",
    "growth": "100 * sales_idr / baseline(sales_idr)",
}


def small(workers, *, firms=("A", "B"), waves=(1, 2)):
    """Two enterprises in two rounds, and workers as (enterprise, round, sex, wage)."""
    rows = [{"enterprise_id": f, "wave": w, "zone": "z"} for f in firms for w in waves]
    columns = ("enterprise_id", "wave", "sex", "wage")
    people = pd.DataFrame([dict(zip(columns, row, strict=True)) for row in workers], columns=list(columns))
    people = people.astype({"wage": "float64", "sex": "str", "enterprise_id": "str"})
    assignment = pd.DataFrame({"enterprise_id": list(firms), "entry_date": pd.NaT})
    assignment.loc[0, "entry_date"] = pd.Timestamp("2011-01-01")
    return {
        "enterprise": with_source(pd.DataFrame(rows)),
        "workers": with_source(people),
        "assignment": with_source(assignment),
    }


PEOPLE = [
    ("A", 1, "m", 4.0),
    ("A", 1, "f", 1.0),
    ("A", 1, None, 9.0),
    ("A", 2, "f", None),
    ("C", 1, "m", 7.0),
]


@pytest.mark.parametrize(
    ("formula", "expected", "reasons"),
    [
        ("workers.count(wage)", [3, 0, 0, 0], ["", "", "", ""]),
        ("workers.count(sex)", [2, 1, 0, 0], ["", "", "", ""]),
        ("workers.count(wage, where=sex == 'm')", [1, 0, 0, 0], ["", "", "", ""]),
        ("workers.distinct(sex)", [2, 1, 0, 0], ["", "", "", ""]),
        ("workers.sum(wage)", [14, None, 0, 0], ["", "wage missing", "", ""]),
        ("workers.mean(wage)", [14 / 3, None, None, None], ["", "wage missing", *["no rows of workers"] * 2]),
        ("workers.median(wage)", [4, None, None, None], ["", "wage missing", *["no rows of workers"] * 2]),
        ("workers.min(wage)", [1, None, None, None], ["", "wage missing", *["no rows of workers"] * 2]),
        ("workers.max(wage - period)", [8, None, None, None], ["", "wage missing", *["no rows of workers"] * 2]),
        ("workers.share(wage > 2)", [200 / 3, None, None, None], ["", "wage missing", *["no rows of workers"] * 2]),
        ("workers.first(sex)", ["m", "f", None, None], ["", "", *["no rows of workers"] * 2]),
        ("workers.first(wage, where=sex == 'f')", [1, None, None, None], ["", "wage missing", *["no rows of workers"] * 2]),
        ("workers.mean(wage, at_least=3)", [14 / 3, None, None, None], ["", "wage missing", *["no rows of workers"] * 2]),
        ("workers.sum(wage, at_least=1)", [14, None, None, None], ["", "wage missing", *["fewer than 1 rows of workers"] * 2]),
        ("workers.count(wage, at_least=4)", [None] * 4, ["fewer than 4 rows of workers"] * 4),
    ],
)  # fmt: skip
def test_aggregates_of_the_rows_that_belong_to_a_row(formula, expected, reasons):
    found = derive(small(PEOPLE), {"x_": formula})
    assert [None if pd.isna(v) else v for v in found.panel["x_"]] == pytest.approx(expected)
    assert found.reasons["x_"].tolist() == reasons


def test_a_table_without_rows_has_nothing_to_aggregate():
    found = derive(small([]), {"n": "workers.count(wage)", "m": "workers.mean(wage)"})
    assert found.panel["n"].tolist() == [0.0] * 4
    assert found.panel["m"].isna().all()


def test_a_panel_without_rows_is_derived():
    tables = small(PEOPLE)
    tables["enterprise"] = tables["enterprise"].iloc[:0]
    found = derive(tables, {"n": "workers.count(wage)", "b": "baseline(period)", "t": "workers.first(sex)"})
    assert len(found.panel) == 0
    assert {"n", "b", "t"} <= set(found.panel.columns)


def test_names_are_those_of_the_table_before_those_of_the_panel():
    tables = small(PEOPLE)
    tables["enterprise"]["wage"] = 100.0
    found = derive(
        tables,
        {"own": "workers.max(wage)", "both": "workers.max(double + wave)"},
        workers={"double": "2 * wage"},
    )
    assert found.panel["own"].iloc[0] == 9.0
    assert found.panel["both"].iloc[0] == 19.0


def test_rows_outside_the_plan_keep_what_needs_no_period():
    tables = small(PEOPLE, waves=(1, 9))
    found = derive(tables, {"t": "day", "n": "workers.count(wage)", "one": "wave + 1"})
    assert found.reasons["t"].tolist() == ["", "day missing"] * 2
    assert found.panel["one"].tolist() == [2.0, 10.0] * 2


def test_outcomes_are_computed_from_derived_columns_and_stand_beside_them():
    found = derive_panel(
        TABLES,
        plan_of(),
        (outcome("double", "2 * half"),),
        (ENTRY, column("half", "sales_idr / 2")),
        (),
        ROLES,
    )
    assert_series_equal(found.panel["double"], TABLES["enterprise"]["sales_idr"], check_names=False)
    assert found.names == ("entry_day", "half", "double")
    assert found.indicators(plan_of().panel).columns.tolist() == [
        "unit", "period", "source_file", "source_row", "entry_day", "half", "double",
    ]  # fmt: skip


def test_a_study_without_formulas_keeps_its_table():
    plan = replace(plan_of(), panel=replace(plan_of().panel, days=(), place=""))
    found = derive_panel(TABLES, plan, (), (), (), ROLES)
    assert_frame_equal(found.panel, TABLES["enterprise"])
    assert found.names == ()
    assert len(found.indices) == 0


def test_an_outcome_may_have_the_name_of_what_it_is():
    found = derive_panel(
        TABLES, plan_of(), (outcome("half", "half"),), (ENTRY, column("half", "hours / 2")), (), ROLES
    )
    assert_series_equal(found.panel["half"], TABLES["enterprise"]["hours"] / 2, check_names=False)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31))
def test_the_order_of_rows_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    shuffled = {n: t.iloc[rng.permutation(len(t))].reset_index(drop=True) for n, t in TABLES.items()}
    one, other = derive(TABLES, FORMULAS), derive(shuffled, FORMULAS)
    rule: PanelRule = plan_of().panel
    assert_frame_equal(one.indicators(rule), other.indicators(rule), check_exact=True)
    assert_frame_equal(one.indices, other.indices, check_exact=True)


def test_rows_of_other_enterprises_change_nothing_but_indices():
    more = survey(15, seed=4)
    assert len(more["enterprise"]) > len(TABLES["enterprise"])
    alone = {n: t[t["enterprise_id"] == "E003"] for n, t in more.items()}
    plain = {k: v for k, v in FORMULAS.items() if k != "voice"}
    all_, one = derive(more, plain).panel, derive(alone, plain).panel
    assert_frame_equal(all_[all_["enterprise_id"] == "E003"][list(plain)], one[list(plain)])


@pytest.mark.parametrize(
    ("formulas", "told"),
    [
        ({"a_": "b_ + 1", "b_": "a_ + 1"}, "formulas in a circle: a_ uses b_ uses a_; break it"),
        ({"a_": "a_ + 1"}, "formulas in a circle: a_ uses a_"),
        ({"a_": "workers.mean(baseline(wage))"}, "baseline(..) is read for rows of the panel"),
        ({"a_": "workers.mean(workers.mean(wage))"}, "workers.mean within rows of workers"),
        ({"a_": "workers.mean(sex)"}, "position 14: mean takes numbers, and this is text"),
        ({"a_": "workers.mean(wage, where=sex)"}, "where takes numbers"),
        ({"a_": "1 +", "b_": "nothing"}, "2 problems"),
    ],
)
def test_formulas_that_cannot_be_computed_are_refused(formulas, told):
    with pytest.raises(ConfigError) as caught:
        derive(TABLES, formulas)
    assert told in str(caught.value)


def test_an_index_for_what_says_who_is_treated_is_a_circle():
    plan = replace(plan_of(), treatment=replace(plan_of().treatment, column="treated"))
    with pytest.raises(ConfigError, match="in a circle"):
        derive(TABLES, {"treated": "workers.mean(zmean(sat1, sat2))"}, plan=plan)


def test_a_circle_through_the_place_of_a_parameter_is_refused():
    plan = plan_of(place="site")
    with pytest.raises(ConfigError, match="in a circle"):
        derive(TABLES, {"site": "zone if rate > 1 else 'x'"}, parameters=[parameter("rate", 2)], plan=plan)


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("icw(sat1, 0 * sat2)", "index x_: item '0 * sat2' has"),
        ("icw(sat1, 2 * sat1)", "index x_: some items determine each other"),
    ],
)
def test_items_that_cannot_be_standardised_or_weighted_stop_the_run(formula, told):
    with pytest.raises(DataError) as caught:
        derive(TABLES, {"x_": f"workers.mean({formula})"})
    assert told in str(caught.value)


def test_two_indices_of_one_formula_have_their_own_names():
    found = derive(TABLES, {"gap": "workers.mean(zmean(sat1, sat2)) - workers.mean(zmean(sat3, sat4))"})
    assert found.indices["index"].tolist() == ["gap", "gap", "gap_2", "gap_2"]
    assert found.indices["weight"].tolist() == [0.5] * 4


def test_without_a_named_baseline_it_is_the_last_round_before_anyone_is_treated():
    named = derive(TABLES, FORMULAS)
    unnamed = derive(TABLES, FORMULAS, plan=plan_of(baseline=None))
    assert_frame_equal(named.panel, unnamed.panel)


def test_a_parameter_of_a_place_goes_before_that_of_all_places():
    rates = (parameter("rate", 1.0), parameter("rate", 2.0, place="bekasi"))
    found = derive(TABLES, {"r": "rate"}, parameters=rates).panel
    assert (found["r"] == found["zone"].map({"bekasi": 2.0, "jakarta": 1.0})).all()


def test_a_row_without_a_valid_parameter_says_so():
    tables = {
        **TABLES,
        "enterprise": TABLES["enterprise"].assign(zone=["x", *TABLES["enterprise"]["zone"].iloc[1:-1], None]),
    }
    rates = [
        parameter("rate", v, days=("2010-01-01", "2012-12-31"), place=p)
        for p, v in (("bekasi", 2), ("jakarta", 1))
    ]
    why = derive(tables, {"r": "rate"}, parameters=rates).reasons["r"]
    assert why.iloc[0] == "no rate for the day and place"
    assert why.iloc[4] == "no rate for the day and place"
    assert why.iloc[5] == ""
    assert why.iloc[-1] == "zone missing"
