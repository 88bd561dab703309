"""Recording an indicator as an outcome of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_series_equal

from impacteval.build.outcomes import MISSING, NOT_ASKED, NOT_POSITIVE, derive, winsorised
from support.plans import make_outcome

FRAME = pd.DataFrame(
    {
        "period": [1, 1, 2, 2],
        "scrap": pd.array([0.0, None, 3.5, None], dtype="Float64"),
        "pieces": [10.0, 20.0, None, 0.0],
        "note": pd.Series(["kept", None, None, "lost"], dtype="str"),
    }
)


@pytest.mark.parametrize(
    ("changes", "values"),
    [
        ({"column": "scrap"}, [1.0, 0.0, 1.0, 0.0]),
        ({"column": "note"}, [1.0, 0.0, 0.0, 1.0]),
        ({"column": "scrap", "divide_by": "pieces"}, [1.0, 0.0, 0.0, 0.0]),
        ({"column": "pieces"}, [1.0, 1.0, 0.0, 1.0]),
    ],
)
def test_recorded_is_one_where_the_columns_have_values_and_zero_where_the_row_has_none(changes, values):
    derived = derive(FRAME, make_outcome(transform="recorded", **changes))
    assert_series_equal(derived.values, pd.Series(values), check_names=False)
    assert derived.reason.tolist() == [""] * 4


def test_what_was_not_asked_in_a_period_is_not_unrecorded():
    derived = derive(FRAME, make_outcome(column="scrap", transform="recorded", periods=("2",)))
    assert derived.values.isna().tolist() == [True, True, False, False]
    assert derived.reason.tolist() == [NOT_ASKED, NOT_ASKED, "", ""]


def of_formula(**changes):
    """An outcome whose formula was computed in the column of its name."""
    return replace(make_outcome("margin", column=""), formula="a / b", **changes)


MARGINS = pd.DataFrame({"period": [1, 1, 1, 2, 2], "margin": [1.0, None, -2.0, 5.0, 7.0]})
WHY = pd.Series(["", "division by zero (b)", "", "", ""], dtype="str")


def test_a_formula_gives_the_outcome_and_the_reason_why_it_has_no_value():
    derived = derive(MARGINS, of_formula(), WHY)
    assert_series_equal(derived.values, MARGINS["margin"], check_names=False)
    assert derived.reason.tolist() == WHY.tolist()
    assert derived.unwinsorised is None


def test_the_transformation_applies_to_what_the_formula_gives():
    derived = derive(MARGINS, of_formula(transform="log", periods=("1",)), WHY)
    assert derived.values.fillna(-9).tolist() == [0.0, -9, -9, -9, -9]
    assert derived.reason.tolist() == ["", "division by zero (b)", NOT_POSITIVE, NOT_ASKED, NOT_ASKED]


def test_recording_what_a_formula_needs_is_an_outcome():
    assert derive(MARGINS, of_formula(transform="recorded"), WHY).values.tolist() == [1.0, 0.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("percent", [1.0, 5.0, 25.0])
def test_extreme_values_are_cut_within_their_period_before_logarithms(percent):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"period": np.repeat([1, 2], 200), "profit_raw": rng.lognormal(3, 1, 400)})
    frame.loc[7, "profit_raw"] = None
    outcome = replace(make_outcome(transform="log"), winsorise=percent)
    derived = derive(frame, outcome)
    expected = [
        np.clip(part, *np.nanpercentile(part, [percent, 100 - percent]))
        for part in np.split(frame["profit_raw"].to_numpy(), 2)
    ]
    assert_allclose(derived.values, np.log(np.concatenate(expected)), rtol=1e-12)
    assert_allclose(derived.unwinsorised, np.log(frame["profit_raw"]), rtol=1e-12)
    assert derived.reason.tolist() == [MISSING if i == 7 else "" for i in range(400)]


def test_cutting_leaves_values_within_the_limits_alone():
    values = pd.Series(np.arange(101.0))
    cut = winsorised(values, pd.Series(np.ones(101)), 1.0)
    assert cut.iloc[1:-1].tolist() == values.iloc[1:-1].tolist()
    assert (cut.iloc[0], cut.iloc[-1]) == (1.0, 99.0)


def test_a_period_without_values_has_none_after_cutting():
    cut = winsorised(pd.Series([None, 1.0], dtype="float64"), pd.Series([1, 2]), 1.0)
    assert cut.isna().tolist() == [True, False]
