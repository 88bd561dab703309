"""The enterprise panel, its treatment and its flow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from impacteval.build.enterprise import KEY_COLUMNS, build_enterprises
from impacteval.build.flow import flow_of
from impacteval.build.outcomes import derive
from impacteval.errors import DataError, IdentificationError
from support.plans import BY_SWITCH, make_outcome, make_plan

PROFIT = make_outcome()


def survey(rows, columns=("firm", "round", "group", "profit_raw")):
    """Typed rows in the order given; the first stands on line 2 of its file."""
    frame = pd.DataFrame([dict(zip(columns, row, strict=True)) for row in rows])
    for name in ("round", "group", "grant"):
        if name in frame:
            frame[name] = frame[name].astype("Int64")
    frame["firm"] = frame["firm"].astype("str")
    return frame.assign(source_file="firms.csv", source_row=range(2, len(frame) + 2))


def whole(profit=lambda firm, period: 10.0 * period):
    """Three firms in each arm, three rounds."""
    return [
        (f"{'kcm'[group]}{i}", period, group, profit(i, period))
        for group in (0, 1, 2)
        for i in range(3)
        for period in (1, 2, 3)
    ]


def test_panel_has_a_row_a_firm_and_round_with_arm_and_first_treatment():
    built = build_enterprises(survey(reversed(whole())), make_plan(), (PROFIT,))
    panel = built.panel
    assert list(panel.columns) == [*KEY_COLUMNS, "profit"]
    assert list(zip(panel["unit"], panel["period"], strict=True)) == sorted((r[0], r[1]) for r in whole())
    arms = panel.drop_duplicates("unit").set_index("unit")["arm"]
    assert {u: arms[u] for u in ("k0", "c0", "m0")} == {"k0": "control", "c0": "class", "m0": "mentor"}
    assert panel.loc[panel["arm"] == "control", "first_treat"].isna().all()
    assert (panel.loc[panel["arm"] != "control", "first_treat"] == 2).all()
    assert (panel["cluster"] == panel["unit"]).all()
    assert len(built.exclusions) == 0


def test_two_rows_with_one_key_are_refused_by_file_and_row():
    rows = [*whole(), ("k0", 2, 0, 99.0)]
    with pytest.raises(
        DataError, match=r"2 rows share .*firms.csv row 3 \(enterprise k0, period 2\), firms.csv row 29"
    ):
        build_enterprises(survey(rows), make_plan(), (PROFIT,))


def test_rows_that_cannot_be_used_are_listed_with_their_reason():
    rows = [
        *whole(),
        ("k0", 9, 0, 1.0),
        ("x1", 1, 7, 1.0),
        ("x2", 1, None, 1.0),
        (None, 1, 0, 1.0),
        ("k9", None, 0, 1.0),
    ]
    frame = survey(rows)
    frame.loc[30, "firm"] = None
    left = build_enterprises(frame, make_plan(), (PROFIT,)).exclusions
    assert dict(zip(left["source_row"], left["reason"], strict=True)) == {
        29: "period not in the plan",
        30: "arm missing or not in the plan",
        31: "arm missing or not in the plan",
        32: "enterprise or period missing",
        33: "enterprise or period missing",
    }


def test_first_switch_treats_from_the_first_one_on():
    rows = [
        ("a", 1, 0, 1.0), ("a", 2, 1, 1.0), ("a", 3, 0, 1.0),
        ("b", 1, 0, 1.0), ("b", 2, 0, 1.0), ("b", 3, 1, 1.0),
        ("c", 1, 0, 1.0), ("c", 2, 0, 1.0), ("c", 3, 0, 1.0),
        ("d", 1, 1, 1.0), ("d", 2, 0, 1.0), ("d", 3, 0, 1.0),
    ]  # fmt: skip
    frame = survey(rows, ("firm", "round", "grant", "profit_raw"))
    built = build_enterprises(frame, make_plan(BY_SWITCH), (PROFIT,))
    units = built.panel.drop_duplicates("unit").set_index("unit")
    assert units["first_treat"].dropna().to_dict() == {"a": 2, "b": 3}
    assert units["arm"].to_dict() == {"a": "grant", "b": "grant", "c": "none"}
    assert set(built.exclusions["unit"]) == {"d"}
    assert set(built.exclusions["reason"]) == {"treated in the first period: no period before treatment"}


@pytest.mark.parametrize(("missing", "name"), [(0, "control"), (1, "class"), (2, "mentor")])
def test_arm_without_an_enterprise_is_refused_by_name(missing, name):
    rows = [row for row in whole() if row[2] != missing]
    with pytest.raises(IdentificationError, match=f"arm {name}: no enterprise in column 'group'"):
        build_enterprises(survey(rows), make_plan(), (PROFIT,))


def test_enterprise_that_changes_cluster_is_refused():
    frame = survey(whole()).assign(estate="E1")
    frame.loc[1, "estate"] = "E2"
    with pytest.raises(DataError, match="column 'estate': 1 enterprises change cluster, k0 first"):
        build_enterprises(frame, make_plan(cluster="estate"), (PROFIT,))


def test_missing_values_of_an_outcome_keep_their_row_and_state_a_reason():
    rows = whole()
    rows[4] = (*rows[4][:3], None)
    built = build_enterprises(survey(rows), make_plan(), (PROFIT,))
    assert len(built.panel) == 27
    only = built.exclusions.iloc[0]
    assert (only["outcome"], only["unit"], only["period"], only["reason"]) == (
        "profit",
        "k1",
        2,
        "value missing",
    )


def test_carried_columns_are_numbers_beside_the_outcomes():
    frame = survey(whole()).assign(workers=pd.Series(range(27), dtype="Int64"))
    panel = build_enterprises(frame, make_plan(balance=("workers",)), (PROFIT,)).panel
    assert panel["workers"].dtype == "float64"


@pytest.mark.parametrize(
    ("changes", "values", "reasons"),
    [
        ({}, [10, 0, -5, np.nan], ["", "", "", "value missing"]),
        ({"transform": "log"}, [np.log(10), np.nan, np.nan, np.nan], ["", "not above zero, so no logarithm", "not above zero, so no logarithm", "value missing"]),
        ({"divide_by": "workers"}, [5, np.nan, np.nan, np.nan], ["", "denominator missing or zero", "denominator missing or zero", "value missing"]),
        ({"divide_by": "workers", "transform": "log"}, [np.log(5), np.nan, np.nan, np.nan], ["", "denominator missing or zero", "denominator missing or zero", "value missing"]),
        ({"periods": ("1", "3")}, [10, np.nan, -5, np.nan], ["", "not asked in this period", "", "not asked in this period"]),
    ],
)  # fmt: skip
def test_outcomes_are_derived_or_say_why_not(changes, values, reasons):
    frame = pd.DataFrame(
        {"profit_raw": [10, 0, -5, np.nan], "workers": [2, 0, np.nan, 4], "period": [1, 2, 3, 2]}
    )
    derived = derive(frame, make_outcome(**changes))
    assert_allclose(derived.values, values, rtol=1e-12)
    assert derived.reason.tolist() == reasons


def messy():
    """Rows of every kind: kept, left out, without a value, and firms not interviewed in a round."""
    rows = [row for row in whole() if row[:2] not in {("k0", 3), ("m2", 2)}]
    rows[0] = (*rows[0][:3], None)
    return survey([*rows, ("k1", 9, 0, 1.0), ("x1", 1, 7, 1.0)])


def test_flow_counts_every_row_once():
    outcomes = (PROFIT, make_outcome("log_profit", transform="log"))
    plan = make_plan()
    frame = messy()
    frame.loc[3, "profit_raw"] = -1.0
    flow = flow_of(build_enterprises(frame, plan, outcomes), plan, outcomes, {"census": 40})
    n_rows = flow.groupby("step")["n_rows"].sum()
    assert n_rows["table"] == 40
    assert n_rows["delivered"] == len(frame) == n_rows["left_out"] + n_rows["panel"]
    assert n_rows["not_interviewed"] == 2
    for name, n_without in (("profit", 1), ("log_profit", 2)):
        mine = flow[flow["outcome"] == name].groupby("step")["n_rows"].sum()
        assert mine["no_value"] == n_without
        assert mine["sample"] + mine["no_value"] == n_rows["panel"]


def test_flow_that_does_not_add_up_is_refused():
    plan = make_plan()
    built = build_enterprises(messy(), plan, (PROFIT,))
    lost = type(built)(panel=built.panel.iloc[1:], exclusions=built.exclusions, n_raw_rows=built.n_raw_rows)
    with pytest.raises(DataError, match="raw rows are not split exactly"):
        flow_of(lost, plan, (PROFIT,), {})
    silent = type(built)(
        panel=built.panel,
        exclusions=built.exclusions[built.exclusions["outcome"] == ""],
        n_raw_rows=built.n_raw_rows,
    )
    with pytest.raises(DataError, match="rows of profit are not split exactly"):
        flow_of(silent, plan, (PROFIT,), {})


def test_flow_that_counts_a_row_twice_and_another_not_at_all_is_refused():
    plan = make_plan()
    built = build_enterprises(messy(), plan, (PROFIT,))
    exclusions = built.exclusions.copy()
    left = exclusions.index[exclusions["outcome"] == ""][0]
    exclusions.loc[left, "source_row"] = built.panel["source_row"].iloc[0]
    twice = type(built)(panel=built.panel, exclusions=exclusions, n_raw_rows=built.n_raw_rows)
    with pytest.raises(DataError, match="raw rows are not split exactly"):
        flow_of(twice, plan, (PROFIT,), {})


def switches(*rows):
    """Grants by firm and round, with whole firms of both kinds beside those that are looked at."""
    others = [("y", 1, 0), ("y", 2, 1), ("y", 3, 0), ("z", 1, 0), ("z", 2, 0), ("z", 3, 0)]
    frame = survey([(*row, 1.0) for row in (*rows, *others)], ("firm", "round", "grant", "profit_raw"))
    return build_enterprises(frame, make_plan(BY_SWITCH), (PROFIT,))


def test_firm_whose_treatment_is_not_known_is_left_out_rather_than_compared_with():
    """A missing value in a column of 0/1 once made a comparison enterprise of it."""
    built = switches(("a", 1, 0), ("a", 2, None), ("a", 3, 0), ("b", 1, 0), ("b", 2, 1), ("b", 3, None))
    assert set(built.panel["unit"]) == {"b", "y", "z"}
    assert set(built.exclusions["reason"]) == {"treatment not recorded in every period before its first"}


def test_treatment_other_than_0_and_1_is_refused_by_file_row_and_column():
    """A 2 in a column of 0/1 once counted as not treated."""
    with pytest.raises(DataError, match=r"firms\.csv, row 3, column grant: found 2"):
        switches(("a", 1, 0), ("a", 2, 2), ("a", 3, 0))


def test_treatment_in_a_period_outside_the_plan_counts():
    """A switch in a period that the plan leaves out was once not seen."""
    built = switches(
        ("a", 0, 1), ("a", 1, 0), ("a", 2, 0), ("b", 1, 0), ("b", 2, 0), ("b", 3, 0), ("b", 4, 1)
    )
    arms = built.panel.drop_duplicates("unit").set_index("unit")["arm"].to_dict()
    assert arms == {"b": "none", "y": "grant", "z": "none"}
    assert "treated in the first period: no period before treatment" in set(built.exclusions["reason"])


def test_rows_without_a_cluster_are_refused_by_file_and_row():
    """Missing clusters were once one cluster of their own."""
    frame = survey(whole()).assign(estate="E1")
    frame.loc[4, "estate"] = None
    with pytest.raises(DataError, match=r"firms\.csv, row 6, column estate: the cluster is missing"):
        build_enterprises(frame, make_plan(cluster="estate"), (PROFIT,))


def test_extreme_values_that_were_cut_stand_behind_the_panel():
    outcome = replace(PROFIT, winsorise=25.0)
    panel = build_enterprises(survey(whole()), make_plan(), (outcome,)).panel
    assert list(panel.columns) == [*KEY_COLUMNS, "profit", "profit__unwinsorised"]
    plain = build_enterprises(survey(whole(lambda i, p: i * 10.0)), make_plan(), (outcome,)).panel
    assert sorted(plain["profit__unwinsorised"].unique()) == [0.0, 10.0, 20.0]
    assert sorted(plain["profit"].unique()) == [0.0, 10.0, 20.0]


def test_reasons_of_formulas_are_those_of_their_rows_whatever_their_order():
    frame = survey(reversed(whole())).rename(columns={"profit_raw": "profit"})
    frame.loc[[4, 9], "profit"] = None
    why = pd.Series("", index=frame.index, dtype="str").mask(frame["profit"].isna(), "workers missing")
    outcome = replace(PROFIT, column="", formula="profit")
    built = build_enterprises(frame, make_plan(), (outcome,), {"profit": why})
    assert built.exclusions["source_row"].tolist() == sorted([6, 11], reverse=True)
    assert set(built.exclusions["reason"]) == {"workers missing"}
