"""Indicators of a results framework by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.programme.monitoring import MONITORING_COLUMNS, Watched, monitoring
from support.programmes import people, row

LABELS = {1: "R1", 2: "R2"}


def panel():
    """Firms a and b are served; c is not. b has no score in round 1."""
    rows = [
        ("a", 1, "score", 40.0, 1.0),
        ("a", 2, "score", 60.0, 1.0),
        ("b", 1, "score", np.nan, 0.0),
        ("b", 2, "score", 70.0, 0.0),
        ("c", 1, "none", 5.0, 1.0),
        ("c", 2, "none", 6.0, 1.0),
    ]
    return pd.DataFrame(rows, columns=["unit", "period", "arm", "practices", "large"])


def computed(*rows, tables=None):
    watched = Watched(tables=tables or {"people": people()}, panel=panel(), treated=("score",), labels=LABELS)
    return monitoring(rows, watched)


def levels(table, group="all"):
    mine = table[table["group"] == group]
    return dict(zip(mine["period"], mine["actual"], strict=True))


def test_who_comes_again_in_a_later_quarter_counts_once():
    table = computed(row())
    assert list(table.columns) == list(MONITORING_COLUMNS)
    assert levels(table) == {"2010Q4": 1, "2011Q1": 1, "2011Q2": 1, "2011Q3": 3}
    assert set(table["reporting"]) == {"quarter"}
    assert table["n_rows"].tolist() == [1, 2, 2, 4]


def test_quarters_without_rows_keep_the_level_of_the_one_before():
    table = computed(row(measure="count"))
    assert levels(table) == {"2010Q4": 1, "2011Q1": 2, "2011Q2": 2, "2011Q3": 4}


def test_rows_without_a_day_are_in_no_quarter_and_are_told():
    assert set(computed(row(note="once"))["note"]) == {"once; 1 rows without day are not counted"}
    assert set(computed(row(where=("sex=m",)))["note"]) == {""}


def test_without_a_date_all_rows_are_counted_as_a_whole():
    table = computed(row(date=""))
    assert table[["reporting", "period", "actual"]].to_numpy().tolist() == [["whole", "", 4.0]]
    assert table["note"].tolist() == [""]


def test_a_table_whose_days_are_all_missing_has_no_quarter():
    frame = people().assign(day=pd.NaT)
    assert computed(row(), tables={"people": frame}).empty


def test_a_table_without_rows_counts_nothing_and_has_no_share():
    tables = {"people": people().iloc[:0]}
    table = computed(
        row(date="", indicator="n"),
        row(date="", indicator="s", measure="share", column="mark", counted=("5",), by=("sex",)),
        tables=tables,
    ).set_index("indicator")
    assert table.loc["n", "actual"] == 0
    assert np.isnan(table.loc["s", "actual"])
    assert np.isnan(table.loc["s", "share_of_target"])


def test_groups_add_up_and_name_those_that_do_not_say():
    table = computed(row(by=("sex",), date=""))
    assert {g: levels(table, g)[""] for g in table["group"]} == {
        "all": 4,
        "sex=f": 2,
        "sex=m": 1,
        "sex=not stated": 1,
    }


def test_target_baseline_and_share_stand_in_the_row_of_all():
    table = computed(row(by=("sex",), date="", baseline=1.0)).set_index("group")
    assert table.loc["all", ["baseline", "target", "share_of_target"]].tolist() == [1, 4, 1]
    assert table.loc["sex=f", ["baseline", "target", "share_of_target"]].isna().all()


@pytest.mark.parametrize("target", [None, 0.0])
def test_no_target_or_one_of_zero_has_no_share(target):
    assert computed(row(date="", target=target))["share_of_target"].isna().all()


def test_share_is_of_those_who_answered():
    table = computed(row(measure="share", column="mark", counted=("4", "5"), date=""))
    assert table["actual"].tolist() == [75.0]
    assert table["n_rows"].tolist() == [4]


def test_share_of_decimals_that_are_whole_counts_them_as_written():
    frame = people().astype({"mark": "float64"})
    table = computed(
        row(measure="share", column="mark", counted=("4", "5"), date=""), tables={"people": frame}
    )
    assert table["actual"].tolist() == [75.0]


def test_sum_and_mean_leave_out_what_is_missing():
    table = computed(
        row(indicator="sum", measure="sum", column="mark", date=""),
        row(indicator="mean", measure="mean", column="mark", date=""),
    )
    assert table["actual"].tolist() == [17.0, 4.25]
    assert table["n_rows"].tolist() == [4, 4]


def test_conditions_hold_together():
    assert levels(computed(row(date="", where=("sex=f m", "firm=a")))) == {"": 2}
    assert levels(computed(row(date="", measure="count", where=("mark=5",)))) == {"": 2}


def test_a_report_on_the_day_is_in_time_and_one_that_never_came_is_late():
    reports = pd.DataFrame(
        {
            "due": ["2011-03-31", "2011-03-31", "2011-03-31", "2011-06-30"],
            "came": ["2011-03-31", "2011-04-01", None, "2011-06-01"],
        }
    ).apply(pd.to_datetime)
    late = row(table="reports", measure="on_time", column="came", counted=("due",), date="due")
    table = computed(late, tables={"reports": reports})
    assert levels(table) == {"2011Q1": pytest.approx(100 / 3), "2011Q2": 50}
    assert table["n_rows"].tolist() == [3, 4]


def test_reports_of_which_none_came_are_all_late():
    reports = pd.DataFrame({"due": pd.to_datetime(["2011-03-31"]), "came": pd.to_datetime([None])})
    late = row(table="reports", measure="on_time", column="came", counted=("due",), date="due")
    assert levels(computed(late, tables={"reports": reports})) == {"2011Q1": 0}


def test_levels_of_the_panel_are_those_of_enterprises_served_by_round():
    table = computed(row(table="panel", measure="mean", column="practices", date="", target=65.0))
    assert levels(table) == {"R1": 40, "R2": 65}
    assert table["n_rows"].tolist() == [1, 2]
    assert set(table["reporting"]) == {"round"}


def test_groups_and_conditions_of_the_panel_are_written_without_a_point():
    of_panel = row(table="panel", measure="mean", column="practices", date="", by=("large",))
    table = computed(of_panel)
    assert levels(table, "large=1") == {"R1": 40, "R2": 60}
    assert np.isnan(levels(table, "large=0")["R1"])
    only = computed(row(table="panel", measure="mean", column="practices", date="", where=("large=0",)))
    assert levels(only)["R2"] == 70


def test_no_results_framework_is_an_empty_table():
    assert list(computed().columns) == list(MONITORING_COLUMNS)
    assert computed().empty


@given(order=st.permutations(range(5)))
def test_the_order_of_rows_changes_nothing(order):
    asked = row(by=("sex",)), row(measure="mean", column="mark", date="", indicator="mark")
    shuffled = {"people": people().iloc[order]}
    pd.testing.assert_frame_equal(computed(*asked), computed(*asked, tables=shuffled))
