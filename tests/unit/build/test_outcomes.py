"""Recording an indicator as an outcome of its own."""

from __future__ import annotations

import pandas as pd
import pytest
from pandas.testing import assert_series_equal

from impacteval.build.outcomes import NOT_ASKED, derive
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
