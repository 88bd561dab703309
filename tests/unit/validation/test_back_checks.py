"""Second visits compared with the first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from impacteval.checks.enumerators import BackCheck
from impacteval.closed import OptionError
from impacteval.validation.back_checks import (
    BACK_CHECK_COLUMNS,
    back_check_table,
    check_back_check,
    paired_statistics,
)
from support.interviews import in_other_order, interviews, said, with_back_checks

CHECK = BackCheck(
    kind="back_check", id="b", table="firms", back_checks="again", stable=("founded", "sector"), hard=("sales",), volatile=("staff",)
)  # fmt: skip
TYPES = {"founded": "integer", "sales": "decimal", "staff": "integer"}
SOUND = {
    "enumerator": ["E1"] * 4 + ["E2"] * 4,
    "founded": ["1998", "1999", "2000", "2001", "2002", "2003", "2004", "2005"],
    "sector": ["food", "wood", "food", "wood", "food", "wood", "food", "wood"],
    "sales": ["10", "20", "30", "40", "50", "60", "70", "80"],
    "staff": ["1", "2", "3", "4", "5", "6", "7", "8"],
}
FIRMS = [f"F{i:03d}" for i in range(8)]


def survey_with(*, first=None, **second):
    columns = {"firm": FIRMS, **{c: SOUND[c] for c in ("founded", "sector", "sales", "staff")}, **second}
    return with_back_checks(interviews(8, {**SOUND, **(first or {})}, types=TYPES), columns, TYPES)


def row_of(table, column, enumerator):
    found = table[(table["column"] == column) & (table["enumerator"] == enumerator)]
    assert len(found) == 1
    return found.iloc[0]


def test_back_checks_with_the_same_answers_pass():
    survey = survey_with()
    assert said(check_back_check, survey, CHECK).empty
    table = back_check_table(survey, CHECK)
    assert (table["error_rate"] == 0).all()
    assert tuple(table.columns) == BACK_CHECK_COLUMNS


def test_an_enumerator_whose_stable_answers_differ_is_named_with_counts():
    survey = survey_with(founded=["1998", "1990", "2000", "1991", "2002", "2003", "2004", "2005"])
    found = said(check_back_check, survey, CHECK)
    assert found[["source_row", "severity", "column", "value_shown"]].to_numpy().tolist() == [
        [0, "warning", "enumerator", "enumerator E1: 2 of 8 stable answers differ in the back-check (25%)"]
    ]


def test_error_rates_are_by_column_type_and_enumerator():
    survey = survey_with(founded=["1998", "1990", "2000", "1991", "2002", "2003", "2004", ""])
    table = back_check_table(survey, CHECK)
    counts = ["type", "n_compared", "n_different", "n_one_missing"]
    assert row_of(table, "founded", "")[counts].tolist() == [1, 7, 2, 1]
    assert row_of(table, "founded", "E1")[counts].tolist() == [1, 4, 2, 0]
    assert row_of(table, "founded", "E2")[counts].tolist() == [1, 3, 0, 1]
    stable = table[(table["type"] == 1) & (table["column"] == "")].set_index("enumerator")
    assert stable.loc["", "error_rate"] == 2 / 15
    assert stable.loc["E1", "error_rate"] == 2 / 8


def test_answers_given_at_one_visit_only_are_counted_and_told():
    """Bug: they were in the table and nobody was told."""
    founded = ["1998", "", "2000", "2001", "2002", "2003", "2004", ""]
    survey = survey_with(
        founded=["1998", "1999", "", "2001", "2002", "2003", "2004", ""], first={"founded": founded}
    )
    table = back_check_table(survey, CHECK)
    counts = ["n_compared", "n_one_missing", "n_only_interview", "n_only_back_check"]
    assert row_of(table, "founded", "")[counts].tolist() == [5, 2, 1, 1]
    assert row_of(table, "founded", "E1")[counts].tolist() == [2, 2, 1, 1]
    assert row_of(table, "founded", "E2")[counts].tolist() == [3, 0, 0, 0]
    found = said(check_back_check, survey, CHECK)
    assert found[["source_row", "severity", "column", "value_shown"]].to_numpy().tolist() == [
        [
            0,
            "info",
            "enumerator",
            "answers given at one visit only, not compared: founded 2 of 7 (1 only in the interview, "
            "1 only in the back-check)",
        ]
    ]


def test_exactly_the_limit_passes():
    survey = survey_with(founded=["1998", "1990", "2000", "2001", "2002", "2003", "2004", "2005"])
    assert said(check_back_check, survey, replace(CHECK, limit=0.125)).empty
    assert len(said(check_back_check, survey, replace(CHECK, limit=0.124))) == 1


def test_text_differs_by_letters_not_by_case_or_blanks():
    survey = survey_with(sector=[" Food", "WOOD", "food", "wood", "food", "wood", "food", "w ood"])
    assert row_of(back_check_table(survey, CHECK), "sector", "")["n_different"] == 1


def test_allowed_differences_are_no_errors_up_to_rounding():
    survey = survey_with(sales=["10.1", "20", "30", "40", "50", "60", "70", "79.7"])
    check = replace(CHECK, allowed_differences={"sales": 0.1})
    assert row_of(back_check_table(survey, check), "sales", "")["n_different"] == 1
    assert row_of(back_check_table(survey, CHECK), "sales", "")["n_different"] == 2


def test_a_mean_that_moved_is_found_for_hard_answers_and_told_for_volatile_ones():
    survey = survey_with(
        sales=["12", "23", "32", "43", "52", "63", "72", "83"],
        staff=["2", "3", "4", "5", "6", "7", "8", "10"],
    )
    found = said(check_back_check, survey, CHECK).set_index("column")
    assert found["severity"].to_dict() == {"sales": "warning", "staff": "info"}
    assert "on average -2.5 higher" in found.loc["sales", "value_shown"]


def test_paired_statistics_are_those_of_scipy_and_of_the_formulas():
    first, second = np.array([10.0, 12, 9, 15, 11]), np.array([11.0, 12, 8, 12, 10])
    mean, error, p, response, reliability = paired_statistics(first, second)
    test = stats.ttest_rel(first, second)
    difference = first - second
    assert (mean, error) == pytest.approx((0.8, difference.std(ddof=1) / np.sqrt(5)))
    assert p == pytest.approx(test.pvalue, rel=1e-12)
    # By hand: differences -1 0 1 3 1 have variance 2.2; back-checks 11 12 8 12 10 have variance 2.8.
    assert (response, reliability) == pytest.approx((1.1, 1 - 1.1 / 2.8))


def test_a_shift_that_is_always_the_same_is_found_though_nothing_varies():
    """Bug: all differences equal gave no error and so no p-value, and nothing was found."""
    survey = survey_with(sales=["5"] * 8, first={"sales": ["6"] * 8})
    row = row_of(back_check_table(survey, CHECK), "sales", "")
    assert row["mean_difference"] == 1 and row["p_value"] == 0 and np.isnan(row["reliability"])
    found = said(check_back_check, survey, CHECK)
    assert len(found) == 1 and "reliability unknown" in found["value_shown"].iloc[0]


def test_stable_answers_and_text_have_no_mean():
    table = back_check_table(survey_with(), replace(CHECK, hard=("sales", "district"), stable=("founded",)))
    assert np.isnan(row_of(table, "founded", "")["mean_difference"])
    assert row_of(table, "sales", "E1")[["mean_difference", "reliability"]].isna().all()


def test_back_checks_are_matched_by_round_where_both_tables_have_rounds():
    survey = survey_with(round=["1"] * 7 + ["2"])
    found = said(check_back_check, survey, CHECK)
    assert found["value_shown"].tolist() == ["back-checks without interview: 1"]
    assert row_of(back_check_table(survey, CHECK), "founded", "")["n_compared"] == 7


def test_enterprises_with_several_rows_are_counted_and_not_compared():
    survey = survey_with(firm=[*FIRMS[:7], "F000"], founded=["1"] * 8)
    found = said(check_back_check, survey, replace(CHECK, limit=1.0))
    assert found["value_shown"].tolist() == [
        "enterprises with several interviews or back-checks, not compared: 1"
    ]
    assert row_of(back_check_table(survey, CHECK), "founded", "")["n_compared"] == 6


def test_what_the_back_check_did_not_ask_is_said():
    survey = survey_with()
    found = said(check_back_check, survey, replace(CHECK, volatile=("staff", "district")))
    assert found[["severity", "value_shown"]].to_numpy().tolist() == [
        ["info", "the back-check has no district"]
    ]


def test_interviews_without_enumerator_count_for_the_survey_alone():
    survey = survey_with(first={"enumerator": [""] * 8}, founded=["1"] * 8)
    assert said(check_back_check, survey, CHECK).empty
    table = back_check_table(survey, CHECK)
    assert set(table["enumerator"]) == {""}
    assert row_of(table, "founded", "")["error_rate"] == 1


def test_confidential_enumerators_are_numbered():
    survey = interviews(8, SOUND, types=TYPES, hidden=("enumerator",))
    survey = with_back_checks(survey, {"firm": FIRMS, "founded": ["1"] * 8}, TYPES)
    found = said(check_back_check, survey, replace(CHECK, stable=("founded",), hard=(), volatile=()))
    assert [v.split(":")[0] for v in found["value_shown"]] == [
        "enumerator [confidential] 1",
        "enumerator [confidential] 2",
    ]


def test_nothing_to_compare_is_no_finding():
    nobody = with_back_checks(
        interviews(0, {c: [] for c in SOUND}, types=TYPES), {"firm": [], **{c: [] for c in SOUND}}, TYPES
    )
    assert said(check_back_check, nobody, CHECK).empty
    blank = {c: [""] * 8 for c in ("founded", "sector", "sales", "staff")}
    blank = survey_with(first=blank, **blank)
    assert said(check_back_check, blank, CHECK).empty
    assert back_check_table(blank, CHECK)["error_rate"].isna().all()


def test_a_missing_table_of_back_checks_is_said():
    survey = interviews(2, {c: v[:2] for c, v in SOUND.items()}, types=TYPES)
    assert said(check_back_check, survey, CHECK)["value_shown"].tolist() == ["there is no table again"]
    assert back_check_table(survey, CHECK).empty


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hard": ("founded",)}, "'founded' stands twice"),
        ({"stable": (), "hard": (), "volatile": ()}, "name columns"),
        ({"allowed_differences": {"profit": 1.0}}, "'profit' is not compared"),
        ({"limit": 10.0}, "limit 10"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_refused(change, words):
    with pytest.raises(OptionError, match=words):
        replace(CHECK, **change)


@settings(max_examples=8, deadline=None)
@given(
    st.permutations(range(8)),
    st.permutations(range(8)),
    st.lists(st.sampled_from(["1998", "1999", ""]), min_size=8, max_size=8),
)
def test_findings_and_table_do_not_depend_on_the_order_of_rows(one, two, founded):
    survey = survey_with(founded=founded, sales=[*SOUND["sales"][:6], "1", ""])
    check = replace(CHECK, p=1.0)
    moved = in_other_order(in_other_order(survey, one), two, "again")
    pd.testing.assert_frame_equal(back_check_table(survey, check), back_check_table(moved, check))
    pd.testing.assert_frame_equal(said(check_back_check, survey, check), said(check_back_check, moved, check))
