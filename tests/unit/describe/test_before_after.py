"""Changes of treated enterprises alone, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.describe.before_after import BEFORE_AFTER_COLUMNS, before_after
from support.plans import BY_ARM, BY_SWITCH, make_plan

PLAN = make_plan(BY_SWITCH)
NAN = float("nan")


def panel(profit):
    """Profit by unit over rounds 1 to 3: a, b, c are treated from round 2 (c: 3), d and e never."""
    first = {"a": 2, "b": 2, "c": 3, "d": None, "e": None}
    rows = [
        (unit, period, "grant" if first[unit] else "none", first[unit], value)
        for unit, values in profit.items()
        for period, value in zip((1, 2, 3), values, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["unit", "period", "arm", "first_treat", "profit"])
    return frame.astype({"first_treat": "Int64"})


PROFIT = {"a": (1, 9, 4), "b": (2, 9, 3), "c": (2, 9, 7), "d": (5, 9, 6), "e": (5, 9, 8)}


def changes(profit, plan=PLAN):
    return before_after(panel(profit), ["profit"], plan)


def test_change_from_the_last_round_before_anyone_was_treated_to_the_last_of_all():
    row = changes(PROFIT).iloc[0]
    assert row[["period_before", "period_after", "n_units", "n_comparison"]].tolist() == [1, 3, 3, 2]
    # Changes 3, 1 and 5 of treated enterprises, 1 and 3 of comparison enterprises.
    assert (row["change"], row["change_comparison"]) == (3, 2)
    assert_allclose(row["std_error"], 2 / np.sqrt(3))
    expected = stats.t.interval(0.95, 2, loc=3, scale=2 / np.sqrt(3))
    assert_allclose(row[["conf_low", "conf_high"]].tolist(), expected, rtol=1e-10)


def test_only_enterprises_with_both_values_count():
    row = changes({**PROFIT, "c": (2, 9, NAN), "d": (NAN, 9, 6)}).iloc[0]
    assert row[["n_units", "change", "n_comparison", "change_comparison"]].tolist() == [2, 2, 1, 3]


def test_an_outcome_not_asked_in_the_first_round_has_no_change():
    asked_late = {unit: (NAN, *values[1:]) for unit, values in PROFIT.items()}
    table = changes(asked_late)
    assert list(table.columns) == list(BEFORE_AFTER_COLUMNS)
    assert table.empty


def test_an_outcome_not_asked_after_treatment_has_no_change():
    assert changes({unit: (values[0], NAN, NAN) for unit, values in PROFIT.items()}).empty


def test_an_outcome_without_any_value_has_no_change():
    assert changes(dict.fromkeys(PROFIT, (NAN, NAN, NAN))).empty


def test_one_enterprise_has_a_change_without_error_and_none_no_change():
    lost = (NAN, NAN, NAN)
    one = changes({**PROFIT, "a": lost, "b": lost}).iloc[0]
    assert (one["n_units"], one["change"]) == (1, 5)
    assert one[["std_error", "conf_low", "conf_high"]].isna().all()
    none = changes({**PROFIT, "a": lost, "b": lost, "c": lost}).iloc[0]
    assert none["n_units"] == 0
    assert none[["change", "std_error", "conf_low", "conf_high"]].isna().all()
    assert none["change_comparison"] == 2


def test_without_comparison_values_their_change_is_missing():
    row = changes({**PROFIT, "d": (NAN, 1, 1), "e": (1, 1, NAN)}).iloc[0]
    assert row["n_comparison"] == 0
    assert np.isnan(row["change_comparison"])


def test_equal_changes_have_an_interval_of_no_width():
    row = changes({**PROFIT, "a": (1, 9, 2), "b": (2, 9, 3), "c": (3, 9, 4)}).iloc[0]
    assert row[["change", "std_error", "conf_low", "conf_high"]].tolist() == [1, 0, 1, 1]


def test_each_arm_has_its_own_change_beside_the_same_comparison():
    frame = panel(PROFIT)
    names = {"a": "class", "b": "class", "c": "mentor", "d": "control", "e": "control"}
    table = before_after(frame.assign(arm=frame["unit"].map(names)), ["profit"], make_plan(BY_ARM))
    assert dict(zip(table["arm"], table["change"], strict=True)) == {"class": 2, "mentor": 5}
    assert table["change_comparison"].tolist() == [2, 2]


def test_order_of_rows_changes_nothing():
    frame = panel(PROFIT)
    turned = before_after(frame.iloc[::-1], ["profit"], PLAN)
    pd.testing.assert_frame_equal(turned, before_after(frame, ["profit"], PLAN))
