"""What must not change the panel that a data frame becomes."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from impacteval.errors import DataError
from impacteval.frames import Columns, LeftOutWarning, panel_from, sections_from
from impacteval.panel import panel_of

SMALL = settings(derandomize=True, deadline=None, max_examples=25)
COLUMNS = Columns(
    unit="id", period="year", outcome="y", first_treat="g", cluster="site", weight="w", covariates=("x", "z")
)
ARRAYS = ("unit_ids", "periods", "outcome", "cohort", "arm", "cluster", "weight")
seeds = st.integers(min_value=0, max_value=10_000)


def frame_of(seed):
    """Up to fifteen units of two cohorts and a comparison in four years, cells missing as NaN or as rows."""
    rng = np.random.default_rng(seed)
    n_units = int(rng.integers(6, 16))
    unit = np.repeat(rng.permutation(np.arange(1, 200))[:n_units], 4)
    n_rows = len(unit)
    frame = pd.DataFrame(
        {
            "id": unit,
            "year": np.tile([2001, 2002, 2004, 2005], n_units),
            "y": np.where(rng.random(n_rows) < 0.1, np.nan, rng.normal(size=n_rows)),
            "g": np.repeat(rng.permutation(np.resize([0, 2002, 2005], n_units)), 4),
            "site": unit // 20,
            "w": rng.uniform(1, 3, size=n_rows),
            "x": np.where(rng.random(n_rows) < 0.1, np.nan, rng.normal(size=n_rows)),
            "z": rng.normal(size=n_rows),
        }
    )
    # All years stay, which the periods of the panel are taken from.
    return frame[(rng.random(n_rows) > 0.1) | (frame["id"] == unit[0])]


def panel(frame, columns=COLUMNS, never=0):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LeftOutWarning)
        return panel_from(frame, columns, never=never)


def assert_same(one, other):
    for name in ARRAYS:
        assert_array_equal(getattr(one, name), getattr(other, name))
    for name, values in one.covariates.items():
        assert_array_equal(values, other.covariates[name])


@SMALL
@given(seed=seeds)
def test_order_of_rows_changes_nothing(seed):
    frame = frame_of(seed)
    assert_same(panel(frame), panel(frame.sample(frac=1, random_state=seed)))


@SMALL
@given(seed=seeds)
def test_a_row_without_outcome_is_as_no_row(seed):
    frame = frame_of(seed)
    full, short = panel(frame), panel(frame.dropna(subset="y"))
    seen = np.isin(full.periods, short.periods)
    for name in ("unit_ids", "cohort", "arm", "cluster"):
        assert_array_equal(getattr(full, name), getattr(short, name))
    assert_array_equal(full.outcome[:, seen], short.outcome)


@SMALL
@given(seed=seeds)
def test_the_panel_is_that_of_the_workflow(seed):
    frame = frame_of(seed)
    prepared = frame.assign(
        unit=frame["id"].astype(str),
        period=frame["year"],
        first_treat=frame["g"].where(frame["g"] > 0).astype("Int64"),
        arm=np.where(frame["g"] > 0, "treated", "never_treated"),
        cluster=frame["site"].astype(str),
    )
    expected = panel_of(
        prepared,
        outcome="y",
        covariates=["x", "z"],
        periods=sorted(frame["year"].unique()),
        comparison_arm="never_treated",
        weight="w",
    )
    assert_same(panel(frame), expected)


@SMALL
@given(seed=seeds, code=st.sampled_from([-1.0, 9999.0, np.inf, np.nan]))
def test_the_code_of_never_treated_units_is_free(seed, code):
    frame = frame_of(seed)
    coded = frame.assign(g=frame["g"].astype(float).where(frame["g"] > 0, code))
    assert_same(panel(frame), panel(coded, never=code))


@SMALL
@given(seed=seeds)
def test_names_of_columns_are_free(seed):
    frame = frame_of(seed)
    turned = dict(
        zip(["id", "year", "y", "g", "site"], ["period", "unit", "cohort", "outcome", "arm"], strict=True)
    )
    columns = Columns(
        unit="period",
        period="unit",
        outcome="cohort",
        first_treat="outcome",
        cluster="arm",
        weight="w",
        covariates=("x", "z"),
    )
    assert_same(panel(frame), panel(frame.rename(columns=turned), columns))


@SMALL
@given(seed=seeds)
def test_cross_sections_have_the_observed_cells_of_the_panel(seed):
    frame = frame_of(seed)
    columns = Columns(unit="row", period="year", outcome="y", first_treat="g", covariates=("x",))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LeftOutWarning)
        sections = sections_from(frame.assign(row=np.arange(len(frame))), columns, never=0)
    complete = frame.dropna(subset=["y", "x"])
    assert sections.n_rows == len(complete)
    assert_array_equal(np.sort(sections.outcome), np.sort(complete["y"]))
    assert (sections.row_ids[1:] > sections.row_ids[:-1]).all()


@pytest.mark.parametrize("column", ["y", "x", "w"])
@SMALL
@given(seed=seeds, position=st.integers(min_value=0, max_value=20))
def test_an_infinite_value_is_always_found(column, seed, position):
    frame = frame_of(seed)
    frame.iloc[position, frame.columns.get_loc(column)] = np.inf
    with pytest.raises(
        DataError, match=rf"{column!r} is infinite in 1 of .*row {frame.index[position]}: inf"
    ):
        panel(frame)


@SMALL
@given(seed=seeds, position=st.integers(min_value=0, max_value=20))
def test_a_repeated_row_is_always_found(seed, position):
    frame = frame_of(seed)
    with pytest.raises(DataError, match="1 unit-periods have more than one row, 0 of them with different"):
        panel(pd.concat([frame, frame.iloc[[position]]]).sample(frac=1, random_state=seed))
