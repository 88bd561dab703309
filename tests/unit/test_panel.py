"""The panel as arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from impacteval.errors import DataError
from impacteval.panel import NEVER_TREATED, panel_of
from support.panels import make_panel

NAN = float("nan")
ROWS = [
    ("b", 2, "grant", 2, "E1", 4.0, 1.0),
    ("b", 1, "grant", 2, "E1", 3.0, 2.0),
    ("a", 1, "none", None, "E2", 1.0, 3.0),
    ("c", 1, "none", None, "E1", NAN, 4.0),
    ("a", 3, "none", None, "E2", 2.0, 5.0),
]


def frame_of(rows):
    columns = ["unit", "period", "arm", "first_treat", "cluster", "profit", "workers"]
    return pd.DataFrame(rows, columns=columns).astype({"first_treat": "Int64", "period": "Int64"})


def panel_from(rows):
    return panel_of(
        frame_of(rows), outcome="profit", covariates=["workers"], periods=[1, 2, 3], comparison_arm="none"
    )


def test_rows_become_units_by_periods():
    panel = panel_from(ROWS)
    assert panel.unit_ids.tolist() == ["a", "b"]
    np.testing.assert_array_equal(panel.outcome, [[1, NAN, 2], [3, 4, NAN]])
    np.testing.assert_array_equal(panel.covariates["workers"], [[3, NAN, 5], [2, 1, NAN]])
    assert panel.cohort.tolist() == [NEVER_TREATED, 2]
    assert panel.arm.tolist() == ["none", "grant"]
    assert panel.cluster.tolist() == [1, 0]


def test_row_order_does_not_matter():
    one, other = panel_from(ROWS), panel_from(ROWS[::-1])
    np.testing.assert_array_equal(one.outcome, other.outcome)
    assert one.arm.tolist() == other.arm.tolist()


def test_arrays_cannot_be_written():
    panel = panel_from(ROWS)
    for array in (panel.outcome, panel.cohort, panel.covariates["workers"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_treated_and_base_period():
    panel = make_panel([[0] * 4, [0] * 4], [2, NEVER_TREATED], periods=[1, 2, 5, 9])
    assert panel.is_treated.tolist() == [[False, True, True, True], [False] * 4]
    assert panel.column(5) == 2
    assert panel.base_column(2) == 0
    assert panel.base_column(9) == 2
    assert panel.base_column(9, anticipation=4) == 1
    assert panel.base_column(1) == -1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome": [[1, np.inf], [1, 2]]}, "y: infinite values"),
        ({"covariates": {"z": [[1], [2]]}}, r"z: shape \(2, 1\), expected \(2, 2\)"),
        ({"cohort": [1]}, "one value a unit"),
        ({"periods": [2, 1]}, "must rise"),
        ({"arm": ["control", "control"]}, "never-treated exactly when"),
        ({"arm": ["trained", "trained"]}, "never-treated exactly when"),
    ],
)
def test_arrays_that_contradict_each_other_are_refused(changes, message):
    sound = {"outcome": [[1, 2], [1, 2]], "cohort": [1, NEVER_TREATED], "arm": ["trained", "control"]}
    with pytest.raises(DataError, match=message):
        make_panel(**{**sound, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cluster": [0, 0, 2, 2]}, "without gaps"),
        ({"cohort": [1.5, 1, np.inf, np.inf]}, "whole number"),
        ({"cohort": [np.nan, 1, np.inf, np.inf]}, "whole number"),
    ],
)
def test_units_are_checked(changes, words):
    """Bug: codes with gaps were counted as clusters, and cohort 1.5 shared its key with cohort 1."""
    given = {"cohort": [1, 1, np.inf, np.inf], **changes}
    with pytest.raises(DataError, match=words):
        make_panel(np.zeros((4, 2)), **given)
