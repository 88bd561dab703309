"""Panels and cross-sections from data frames: every doubtful input is refused, or left out and counted."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from impacteval.errors import ConfigError, DataError
from impacteval.estimators.group_time import att_group_time
from impacteval.frames import COMPARISON, TREATED, Columns, LeftOutWarning, panel_from, sections_from
from impacteval.panel import NEVER_TREATED
from support import designs

NAN = float("nan")
YEARS = (2003, 2004, 2005, 2006)
PLAIN = Columns(unit="firm", period="year", outcome="y", first_treat="g")
FULL = replace(PLAIN, weight="w", covariates=("x", "z"), cluster="estate")


def frame_of():
    """Twelve firms in four years: cohorts 2004 and 2005 of three firms each, six never treated (0)."""
    rng = np.random.default_rng(1)
    firm = np.repeat(np.arange(101, 113), 4)
    cohort = np.repeat([2004, 2005, 0, 0], 12)
    return pd.DataFrame(
        {
            "firm": firm,
            "year": np.tile(YEARS, 12),
            "y": rng.normal(size=48),
            "g": cohort,
            "x": rng.normal(size=48),
            "z": rng.normal(size=48),
            "w": rng.uniform(1, 2, size=48),
            "estate": (firm // 2).astype(str),
            "arm": np.where(cohort > 0, "trained", "control"),
        }
    )


def changed(column, rows, value):
    """The frame with some cells of a column set to a value."""
    frame = frame_of()
    frame[column] = frame[column].astype(object if isinstance(value, str) else float)
    frame.loc[list(rows), column] = value
    return frame


def assert_same_panel(one, other):
    for name in ("unit_ids", "periods", "outcome", "cohort", "arm", "cluster", "weight"):
        assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.comparison_arm == other.comparison_arm
    for name, values in one.covariates.items():
        assert_array_equal(values, other.covariates[name])


def test_a_sound_frame_becomes_a_panel_without_a_warning():
    frame = frame_of()
    panel = panel_from(frame, FULL, never=0)
    assert panel.name == "y"
    assert panel.unit_ids.tolist() == [str(i) for i in range(101, 113)]
    assert panel.periods.tolist() == list(YEARS)
    assert_array_equal(panel.outcome, frame["y"].to_numpy().reshape(12, 4))
    assert_array_equal(panel.covariates["z"], frame["z"].to_numpy().reshape(12, 4))
    assert_array_equal(panel.weight, frame["w"].to_numpy().reshape(12, 4))
    assert panel.cohort.tolist() == [2004] * 3 + [2005] * 3 + [NEVER_TREATED] * 6
    assert panel.arm.tolist() == [TREATED] * 6 + [COMPARISON] * 6
    assert panel.comparison_arm == COMPARISON
    assert panel.cluster.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]


def test_a_sound_frame_becomes_cross_sections_without_a_warning():
    frame = frame_of().assign(id=[f"r{i:02d}" for i in range(48)])
    sections = sections_from(frame.iloc[::-1], replace(FULL, unit="id"), never=0)
    assert sections.row_ids.tolist() == frame["id"].tolist()
    assert_array_equal(sections.outcome, frame["y"])
    assert_array_equal(sections.weight, frame["w"])
    assert_array_equal(sections.covariates["x"], frame["x"])
    assert len(np.unique(sections.cluster)) == 7
    assert sections.arm.tolist() == [TREATED] * 24 + [COMPARISON] * 24
    own = sections_from(frame, replace(PLAIN, unit="id"), never=0)
    assert own.cluster.tolist() == list(range(48))


def test_arms_are_taken_from_a_column():
    panel = panel_from(frame_of(), replace(PLAIN, arm="arm"), never=0)
    assert panel.treated_arms == ("trained",)
    assert panel.comparison_arm == "control"


# What a frame may not be: how it is changed, the columns asked for, words of the error.
REFUSED = {
    "identical rows": (
        lambda: pd.concat([frame_of(), frame_of().iloc[[5]]], ignore_index=True),
        PLAIN,
        r"1 unit-periods have more than one row, 0 of them with different outcomes "
        r"\(unit 102 in 2004: rows 5, 48\)",
    ),
    "conflicting rows": (
        lambda: pd.concat([frame_of(), frame_of().iloc[[5, 9]].assign(y=9.0)], ignore_index=True),
        PLAIN,
        "2 unit-periods have more than one row, 2 of them with different outcomes",
    ),
    "text outcome": (
        lambda: changed("y", [3], "n.a."),
        PLAIN,
        r"outcome column 'y' holds text or objects .*convert it, for instance with pandas.to_numeric",
    ),
    "treatment switches off": (
        lambda: changed("g", [2, 3, 7], 0),
        PLAIN,
        r"first_treat column 'g' changes within 2 of 12 units \(101: 2004, never; 102: 2004, never\): a unit that leaves",
    ),
    "cohort after the last period": (
        lambda: changed("g", range(4), 2010),
        PLAIN,
        r"first_treat column 'g' is after the last period 2006 in 4 of 48 rows \(row 0: 2010, row 1: 2010, "
        r"row 2: 2010, ...\): these units are untreated throughout; give them the code",
    ),
    "cohort no whole number": (
        lambda: changed("g", range(4), 2004.5),
        PLAIN,
        r"'g' is no whole number in 4 of 48 rows \(row 0: 2004.5, .*give the first period that saw treatment",
    ),
    "infinite outcome": (
        lambda: changed("y", [7], -np.inf),
        PLAIN,
        r"outcome column 'y' is infinite in 1 of 48 rows \(row 7: -inf\): correct it or make it missing",
    ),
    "infinite covariate": (
        lambda: changed("x", [7, 8], np.inf),
        FULL,
        r"covariate 'x' is infinite in 2 of 48 rows \(row 7: inf, row 8: inf\)",
    ),
    "constant covariate": (
        lambda: frame_of().assign(x=3),
        FULL,
        "covariate 'x' is 3 in every row: it explains nothing; leave it out",
    ),
    "collinear covariates": (
        lambda: frame_of().assign(z=lambda f: 5 - 0.1 * f["x"]),
        FULL,
        "covariate 'z' is a sum of multiples of the covariates before it and a constant: leave one out",
    ),
    "negative weight": (
        lambda: changed("w", [4], -1.0),
        FULL,
        r"weight column 'w' is negative in 1 of 48 rows \(row 4: -1\): a sampling weight is 0 or more",
    ),
    "cohort without weight": (
        lambda: changed("w", range(12, 24), 0.0),
        FULL,
        r"weight column 'w' is 0 or missing in all rows of cohort 2005, 12 of 48 rows \(row 12, row 13, row 14",
    ),
    "text period": (
        lambda: frame_of().astype({"year": str}),
        PLAIN,
        r"period column 'year' holds text or objects \(str: '2003', '2004', '2005'\)",
    ),
    "dates as period": (
        lambda: frame_of().assign(year=pd.to_datetime(frame_of()["year"].astype(str))),
        PLAIN,
        "period column 'year' holds dates: number the periods, for instance with .dt.year",
    ),
    "fraction as period": (
        lambda: changed("year", [3], 2006.5),
        PLAIN,
        r"period column 'year' is no whole number in 1 of 48 rows \(row 3: 2006.5\)",
    ),
    "period missing": (
        lambda: changed("year", [3], NAN),
        PLAIN,
        r"period column 'year' is no whole number in 1 of 48 rows \(row 3: missing\)",
    ),
    "indicator as period of treatment": (
        lambda: frame_of().assign(g=lambda f: f["g"] > 0),
        PLAIN,
        "'g' holds true and false: give periods as whole numbers, not an indicator of treatment",
    ),
    "no rows": (lambda: frame_of().iloc[:0], PLAIN, "there are no rows"),
    "outcome never observed": (
        lambda: frame_of().assign(y=np.nan),
        PLAIN,
        "outcome column 'y' is missing in every row",
    ),
    "unit missing": (
        lambda: changed("firm", [0, 1], NAN),
        PLAIN,
        r"unit column 'firm' is missing in 2 of 48 rows \(row 0, row 1\)",
    ),
    "blank unit": (
        lambda: frame_of().assign(firm=lambda f: f["firm"].astype(str).where(f["firm"] > 101, " ")),
        PLAIN,
        r"unit column 'firm' is missing in 4 of 48 rows",
    ),
    "text and numbers as unit": (
        lambda: frame_of().assign(firm=lambda f: f["firm"].astype(object).where(f["firm"] > 101, "101")),
        PLAIN,
        "unit column 'firm' holds text and numbers side by side",
    ),
    "fractions as unit": (
        lambda: frame_of().assign(firm=lambda f: f["firm"] + 0.5),
        PLAIN,
        "unit column 'firm' holds fractions",
    ),
    "dates as unit": (
        lambda: frame_of().assign(firm=lambda f: pd.to_datetime(f["firm"], unit="D")),
        PLAIN,
        "unit column 'firm' holds datetime64 values",
    ),
    "categories as covariate": (
        lambda: frame_of().assign(x=lambda f: pd.cut(f["x"], 3)),
        FULL,
        "covariate 'x' holds categories: use numbers, or an indicator column for each category",
    ),
    "complex outcome": (
        lambda: frame_of().assign(y=lambda f: f["y"] * 1j),
        PLAIN,
        "outcome column 'y' holds text or objects",
    ),
    "cluster changes": (
        lambda: changed("estate", [0], "elsewhere"),
        FULL,
        r"cluster column 'estate' changes within 1 of 12 units \(101: 50, elsewhere\): give each unit one cluster",
    ),
    "arm changes": (
        lambda: changed("arm", [0], "mentored"),
        replace(PLAIN, arm="arm"),
        r"arm column 'arm' changes within 1 of 12 units \(101: mentored, trained\): give each unit one arm",
    ),
    "two arms of never-treated": (
        lambda: changed("arm", range(44, 48), "other"),
        replace(PLAIN, arm="arm"),
        r"never-treated rows are in 2 arms \(control, other\): name one",
    ),
    "treated in the comparison arm": (
        lambda: changed("arm", range(4), "control"),
        replace(PLAIN, arm="arm"),
        r"4 of 48 rows \(row 0, row 1, row 2, ...\) have a period of first treatment and the arm 'control'",
    ),
    "column missing": (
        frame_of,
        replace(PLAIN, covariates=("~x",)),
        r"covariate ~x column '~x' does not exist; allowed: .*did you mean 'x'\?",
    ),
    "column in the index": (
        lambda: frame_of().set_index(["firm", "year"]),
        PLAIN,
        r"unit column 'firm' is in the index: call reset_index\(\) first",
    ),
    "two columns of one name": (
        lambda: pd.concat([frame_of(), frame_of()[["y"]]], axis=1),
        PLAIN,
        "two columns are named 'y': rename one",
    ),
    "two levels of names": (
        lambda: pd.concat({"a": frame_of()}, axis=1),
        PLAIN,
        "columns have several levels of names",
    ),
    "outcome as covariate": (
        frame_of,
        replace(PLAIN, covariates=("y",)),
        "column 'y' stands in more than one role",
    ),
    "role without column": (frame_of, replace(PLAIN, period=""), "period: name its column"),
    "covariate without values": (
        lambda: frame_of().assign(z=np.nan),
        FULL,
        "covariate 'z' is missing in every row",
    ),
}
# Of a panel alone: rows of cross-sections may differ within a unit, which is the row.
OF_UNITS = ("identical rows", "conflicting rows", "treatment switches off", "cluster changes", "arm changes")


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_doubtful_is_refused_with_one_error(case):
    build, columns, words = REFUSED[case]
    with pytest.raises(DataError, match=words) as found:
        panel_from(build(), columns, never=0)
    assert str(found.value).startswith("the data frame")


@pytest.mark.parametrize("case", [case for case in REFUSED if case not in OF_UNITS])
def test_cross_sections_refuse_the_same(case):
    build, columns, words = REFUSED[case]
    frame = build()
    if "unit" not in case and "index" not in case and "levels" not in case:
        frame, columns = frame.assign(id=np.arange(len(frame))), replace(columns, unit="id")
    with pytest.raises(DataError, match=words):
        sections_from(frame, columns, never=0)


def test_cross_sections_refuse_a_unit_as_id_of_the_row():
    words = r"unit column 'firm': 12 ids stand in more than one row \(101, 102, 103, ...\): cross-sections need an id"
    with pytest.raises(DataError, match=words):
        sections_from(frame_of(), PLAIN, never=0)


@pytest.mark.parametrize(
    ("code", "words", "remedy"),
    [
        (0, "is 0 in 24 of 48 rows", "never=0"),
        (NAN, "is missing in 24 of 48 rows", "never=math.nan"),
        (math.inf, "is infinite in 24 of 48 rows", "never=math.inf"),
    ],
)
def test_a_code_of_never_treated_must_be_declared(code, words, remedy):
    frame = frame_of().assign(g=lambda f: f["g"].astype(float).where(f["g"] > 0, code))
    others = [c for c in (None, 0, NAN, math.inf) if repr(c) != repr(code)]
    for other in others:
        with pytest.raises(DataError, match=rf"'g' {words} .*say so with `{remedy}`"):
            panel_from(frame, PLAIN, never=other)
    assert_same_panel(panel_from(frame, PLAIN, never=code), panel_from(frame_of(), PLAIN, never=0))


@pytest.mark.parametrize("code", [-1, 10_000, np.int64(9999), np.float64(1.5)])
def test_any_other_number_can_stand_for_never_treated(code):
    frame = frame_of().assign(g=lambda f: f["g"].astype(float).where(f["g"] > 0, code))
    assert_same_panel(panel_from(frame, PLAIN, never=code), panel_from(frame_of(), PLAIN, never=0))


def test_missing_periods_of_nullable_integers_are_missing():
    frame = frame_of().assign(g=lambda f: f["g"].astype("Int64").where(f["g"] > 0))
    assert_same_panel(panel_from(frame, PLAIN, never=NAN), panel_from(frame_of(), PLAIN, never=0))


def test_a_period_cannot_stand_for_never_treated():
    frame = frame_of().assign(year=lambda f: f["year"] - 2003, g=lambda f: (f["g"] - 2003).clip(lower=0))
    with pytest.raises(DataError, match="never=0 is a period too"):
        panel_from(frame, PLAIN, never=0)


@pytest.mark.parametrize("never", ["never", True, "0"])
def test_the_code_is_a_number(never):
    with pytest.raises(ConfigError, match="give the number that stands for never-treated"):
        panel_from(frame_of(), PLAIN, never=never)


def test_covariates_are_a_tuple():
    with pytest.raises(ConfigError, match=r"for instance \('x',\)"):
        replace(PLAIN, covariates="x")


def test_only_a_pandas_frame_is_read():
    with pytest.raises(DataError, match="expected a pandas DataFrame, found dict; convert it first"):
        panel_from({"y": [1]}, PLAIN, never=0)


def test_all_problems_are_listed_at_once():
    frame = changed("y", [3], np.inf).astype({"year": str, "g": float})
    frame.loc[0:3, "g"] = 2004.5
    frame.loc[4, "w"] = -1
    frame["x"] = 1.0
    with pytest.raises(DataError) as found:
        panel_from(frame, FULL)
    lines = str(found.value).splitlines()
    assert lines[0] == "the data frame of 48 rows: 6 problems"
    starts = (
        "period column 'year'",
        "outcome column 'y'",
        "weight column 'w'",
        "first_treat column 'g' is 0",
    )
    starts += ("first_treat column 'g' is no whole", "covariate 'x'")
    assert all(line.startswith(f"  - {start}") for line, start in zip(lines[1:], starts, strict=True))


def test_an_error_says_rows_by_their_label():
    frame = changed("y", [7], np.inf).set_index(pd.Index([f"line {i}" for i in range(48)]))
    with pytest.raises(DataError, match="row line 7: inf"):
        panel_from(frame, PLAIN, never=0)


def test_a_missing_outcome_and_a_missing_row_give_the_same_panel_and_are_counted():
    with_nan, without_row = changed("y", [5], NAN), frame_of().drop(index=5)
    with pytest.warns(
        LeftOutWarning, match=r"outcome column 'y' is missing in 1 of 48 rows \(row 5\): not used"
    ):
        one = panel_from(with_nan, PLAIN, never=0)
    with pytest.warns(LeftOutWarning, match="1 of 48 unit-periods have no row: not used"):
        other = panel_from(without_row, PLAIN, never=0)
    assert_same_panel(one, other)
    assert np.isnan(one.outcome[1, 1])
    effects = att_group_time(one, designs.two_by_two())
    cell = next(j for j, k in enumerate(effects.keys) if (k.cohort, k.period) == (2004, 2004))
    assert effects.n_treated[cell] == 2


def test_units_never_observed_are_left_out_and_counted():
    words = r"1 of 12 units have no outcome in any period \(103\): left out"
    with pytest.warns(LeftOutWarning, match=words):
        panel = panel_from(changed("y", range(8, 12), NAN), PLAIN, never=0)
    assert panel.n_units == 11
    assert "103" not in panel.unit_ids
    assert panel.cluster.tolist() == list(range(11))


def test_missing_covariates_and_weights_are_counted():
    frame = changed("x", [5], NAN)
    frame.loc[[7, 8], "w"] = np.nan
    with pytest.warns(LeftOutWarning) as found:
        panel = panel_from(frame, FULL, never=0)
    assert str(found[0].message).splitlines()[1:] == [
        "  - weight column 'w' is missing in 2 of 48 rows (row 7, row 8): not used",
        "  - covariate 'x' is missing in 1 of 48 rows (row 5): not used",
    ]
    assert found[0].filename == __file__
    assert np.isnan(panel.covariates["x"][1, 1])
    assert np.isnan(panel.weight[1, 3])


def test_cross_sections_leave_out_incomplete_rows_and_count_them():
    frame = changed("x", [5], NAN).assign(id=range(100, 148))
    frame.loc[[5, 8], "y"] = np.nan
    with pytest.warns(LeftOutWarning, match="2 of 48 rows are left out in all"):
        sections = sections_from(frame, replace(FULL, unit="id"), never=0)
    assert sections.n_rows == 46
    assert not {"105", "108"} & set(sections.row_ids.tolist())


def test_cross_sections_without_a_complete_row_are_refused():
    frame = frame_of().assign(id=range(48))
    frame.loc[::2, "x"] = np.nan
    frame.loc[1::2, "y"] = np.nan
    with pytest.raises(DataError, match="no row has the outcome, the covariates and the weight"):
        sections_from(frame, replace(PLAIN, unit="id", covariates=("x",)), never=0)


def test_without_never_treated_units_the_comparison_arm_is_empty():
    frame = frame_of().query("g > 0")
    panel = panel_from(frame, PLAIN)
    assert panel.comparison_arm not in panel.arm
    assert np.isfinite(
        att_group_time(panel, designs.two_by_two(control_group="not_yet_treated")).estimate
    ).any()


@pytest.mark.parametrize(
    "name", ["y1", "unit", "period", "cohort", "outcome", "weight", "index", "year_", "1"]
)
def test_an_outcome_may_have_any_name(name):
    panel = panel_from(frame_of().rename(columns={"y": name}), replace(PLAIN, outcome=name), never=0)
    assert panel.name == name
    assert_array_equal(panel.outcome, panel_from(frame_of(), PLAIN, never=0).outcome)


@pytest.mark.parametrize(
    "kind", [bool, "boolean", int, "Int64", "float32", "Float64", "int8", "int64[pyarrow]"]
)
def test_outcomes_of_any_kind_of_number_are_read(kind):
    frame = frame_of().assign(y=lambda f: (f["y"] > 0).astype(kind))
    panel = panel_from(frame, PLAIN, never=0)
    assert panel.outcome.dtype == np.float64
    assert_array_equal(panel.outcome.ravel(), (frame_of()["y"] > 0).astype(float))


def test_a_missing_truth_value_is_missing():
    frame = frame_of().assign(y=lambda f: (f["y"] > 0).astype("boolean").where(f.index != 5))
    with pytest.warns(LeftOutWarning, match="missing in 1 of 48 rows"):
        panel = panel_from(frame, PLAIN, never=0)
    assert np.isnan(panel.outcome[1, 1])


@pytest.mark.parametrize(
    "kind", [str, object, float, "Int64", "category", "float32", "string", "int64[pyarrow]"]
)
def test_units_of_any_kind_are_named_alike(kind):
    frame = frame_of()
    turned = frame.assign(firm=frame["firm"].astype(kind))
    assert_same_panel(panel_from(turned, PLAIN, never=0), panel_from(frame, PLAIN, never=0))


def test_unused_categories_are_no_units():
    frame = frame_of().assign(firm=lambda f: pd.Categorical(f["firm"].astype(str)))
    panel = panel_from(frame[frame["firm"] != "101"], PLAIN, never=0)
    assert panel.n_units == 11


def test_units_are_sorted_as_text():
    frame = frame_of().assign(firm=lambda f: f["firm"] - 100)
    panel = panel_from(frame, PLAIN, never=0)
    assert panel.unit_ids.tolist() == ["1", "10", "11", "12", *map(str, range(2, 10))]
    assert_array_equal(panel.outcome[1], frame.query("firm == 10")["y"])


def test_periods_without_regular_steps_are_kept():
    frame = frame_of().assign(year=lambda f: f["year"].map({2003: 1, 2004: 2, 2005: 5, 2006: 9}))
    frame["g"] = frame["g"].map({0: 0, 2004: 2, 2005: 4})
    panel = panel_from(frame, PLAIN, never=0)
    assert panel.periods.tolist() == [1, 2, 5, 9]
    assert panel.base_column(4) == 1


def test_covariates_that_nearly_agree_are_not_collinear():
    frame = frame_of()
    close = frame.assign(z=lambda f: f["x"] + 1e-6 * f["z"])
    assert panel_from(close, FULL, never=0).covariates.keys() == {"x", "z"}


def test_the_frame_is_not_changed():
    frame = frame_of()
    before = frame.copy()
    panel = panel_from(frame, FULL, never=0)
    pd.testing.assert_frame_equal(frame, before)
    frame["y"] += 1
    assert panel.outcome[0, 0] == before["y"][0]


def test_a_million_rows_take_no_loop():
    """A hundred thousand units in ten periods take half a second; a loop over them would take ten times that."""
    n_units, n_periods = 100_000, 10
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "firm": np.repeat(np.arange(n_units), n_periods),
            "year": np.tile(np.arange(n_periods) + 1, n_units),
            "y": rng.normal(size=n_units * n_periods),
            "g": np.repeat(rng.choice([0, 3, 6], n_units), n_periods),
        }
    )
    start = time.process_time()
    panel = panel_from(frame.iloc[::-1], PLAIN, never=0)
    assert time.process_time() - start < 5
    assert panel.outcome.shape == (n_units, n_periods)
