"""What should stay stays, and enterprises grow no faster than enterprises do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.rounds import ConstantWithinUnit, Growth
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.validation.rounds import check_constant_within_unit, check_growth
from support.linked import linked, places, said, shuffled, told

FOUNDED = ConstantWithinUnit(
    kind="constant_within_unit", id="c", table="firms", column="founded", tolerance=1
)
GROWTH = Growth(kind="growth", id="g", table="firms", sales="sales", employment="employed")
ROLES = {"firms": Roles(unit="firm", period="round")}
VARIABLES = {
    "round": {"type": "integer"}, "founded": {"type": "integer"}, "sales": {"type": "decimal"},
    "employed": {"type": "integer"},
}  # fmt: skip
COLUMNS = {"firms": ("firm", "round", "founded", "sector", "sales", "employed")}


def firm(unit="F1", period="1", **changes):
    return {
        "firm": unit,
        "round": period,
        "founded": "1998",
        "sector": "food",
        "sales": "100",
        "employed": "10",
        **changes,
    }


def survey_of(*rows):
    return linked({"firms": rows}, ROLES, columns=COLUMNS, variables=VARIABLES)


def rows_of(check, *rows):
    survey = survey_of(*rows)
    function = check_growth if isinstance(check, Growth) else check_constant_within_unit
    return [row for _, row, _ in places(survey, function(survey, check))]


@pytest.mark.parametrize(
    ("year", "rows"), [("1998", []), ("1999", []), ("1997", []), ("2000", [3]), ("1996", [3])]
)
def test_numbers_may_differ_by_the_tolerance(year, rows):
    assert rows_of(FOUNDED, firm(), firm(period="2", founded=year)) == rows


def test_without_a_tolerance_every_difference_counts():
    check = replace(FOUNDED, tolerance=0.0)
    assert rows_of(check, firm(), firm(period="2", founded="1999")) == [3]
    assert rows_of(replace(check, column="sector"), firm(), firm(period="2", sector="metal")) == [3]


def test_each_round_is_compared_with_the_first_known_value():
    rows = [firm(period="3", founded="2000"), firm(period="1", founded=""), firm(period="2", founded="1998")]
    assert rows_of(FOUNDED, *rows) == [2]


SECTOR = replace(FOUNDED, column="sector", tolerance=0.0, leading=2)


def test_only_leading_characters_are_compared_where_so_many_are_asked_for():
    rows = [firm(sector="01111"), firm(period="2", sector="01999"), firm(period="3", sector="02111")]
    assert rows_of(SECTOR, *rows) == [4]
    assert rows_of(replace(SECTOR, leading=1), *rows) == []
    assert rows_of(replace(SECTOR, leading=0), *rows) == [3, 4]
    assert rows_of(replace(SECTOR, column="founded"), firm(), firm(period="2", founded="1901")) == []
    assert rows_of(replace(SECTOR, column="founded"), firm(), firm(period="2", founded="2001")) == [3]


def test_codes_shorter_than_what_is_compared_are_compared_whole():
    assert rows_of(SECTOR, firm(sector="1"), firm(period="2", sector="1")) == []
    assert rows_of(SECTOR, firm(sector="1"), firm(period="2", sector="11")) == [3]


OWNER = replace(FOUNDED, column="sector", tolerance=0.0, recorded="employed", recorded_values=("1",))


def test_a_change_that_was_recorded_is_none_and_later_rounds_are_compared_with_it():
    rows = [firm(), firm(period="2", sector="metal", employed="1"), firm(period="3", sector="metal")]
    assert rows_of(OWNER, *rows) == []
    assert rows_of(OWNER, rows[0], rows[1], firm(period="3")) == [4]
    assert rows_of(OWNER, rows[0], firm(period="2", sector="metal")) == [3]
    assert rows_of(OWNER, *rows, firm("F2"), firm("F2", period="3", sector="metal")) == [6]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"leading": 2}, "leading with a tolerance"),
        ({"leading": -1}, "leading -1"),
        ({"recorded": "owner_changed"}, "both recorded and recorded_values"),
        ({"recorded_values": ("1",)}, "both recorded and recorded_values"),
    ],
)
def test_options_of_what_should_stay_that_make_no_sense_are_refused(options, words):
    with pytest.raises(OptionError, match=words):
        replace(FOUNDED, **options)


def test_a_tolerance_below_zero_is_refused():
    with pytest.raises(OptionError, match="tolerance"):
        replace(FOUNDED, tolerance=-1.0)


def test_stable_attributes_are_a_warning_unless_the_study_says_otherwise():
    assert FOUNDED.severity == "warning"
    assert replace(FOUNDED, severity="error").severity == "error"


@pytest.mark.parametrize(("sales", "rows"), [("448", []), ("449", [3]), ("22.4", []), ("22.2", [3])])
def test_sales_may_change_by_one_and_a_half_in_logs(sales, rows):
    assert rows_of(replace(GROWTH, employment=""), firm(), firm(period="2", sales=sales)) == rows


@pytest.mark.parametrize(("employed", "rows"), [("27", []), ("28", [3]), ("4", []), ("3", [3])])
def test_employment_may_change_by_one_in_logs(employed, rows):
    assert rows_of(replace(GROWTH, sales=""), firm(), firm(period="2", employed=employed)) == rows


@pytest.mark.parametrize(
    ("sales", "employed", "rows"),
    [("201", "5", [3]), ("200", "5", []), ("201", "6", []), ("201", "4", [3])],
)
def test_sales_do_not_double_while_employment_halves(sales, employed, rows):
    assert rows_of(GROWTH, firm(), firm(period="2", sales=sales, employed=employed)) == rows


def test_the_finding_says_how_many_times_and_since_when():
    survey = survey_of(firm(), firm(period="3", sales="1200"))
    assert "12 times the value of round 1" in said(survey, check_growth(survey, GROWTH))[0]


def test_a_round_without_a_value_is_skipped():
    rows = [firm(), firm(period="2", sales=""), firm(period="3", sales="1000")]
    assert rows_of(GROWTH, *rows) == [4]


def test_only_consecutive_rounds_are_compared():
    rows = [firm(), firm(period="2", sales="300"), firm(period="3", sales="900")]
    assert rows_of(GROWTH, *rows) == []


def test_zero_and_negative_values_have_no_logarithm():
    rows = [
        firm(sales="0"),
        firm(period="2", sales="100"),
        firm(period="3", sales="-5"),
        firm(period="4", sales="0"),
    ]
    assert rows_of(GROWTH, *rows) == []


def test_two_rows_of_a_round_are_both_compared_with_the_earlier_round_and_not_with_each_other():
    rows = [firm(), firm(period="2", sales="1000"), firm(period="2", sales="110")]
    assert rows_of(GROWTH, *rows) == [3]


def test_enterprises_are_not_compared_with_others():
    assert (
        rows_of(GROWTH, firm(), firm("F2", period="2", sales="1000"), firm("", period="2", sales="1000"))
        == []
    )


@pytest.mark.parametrize(
    "rows", [[], [firm()], [firm("", "")], [firm(sales="", employed="", founded="")] * 2]
)
def test_checks_do_not_raise_on_poor_data(rows):
    assert rows_of(GROWTH, *rows) == []
    assert rows_of(FOUNDED, *rows) == []


FIRMS = st.lists(
    st.builds(
        lambda u, p, y, s, e: firm(u, p, founded=y, sales=s, employed=e),
        st.sampled_from(["F1", "F2", ""]), st.sampled_from(["1", "2", "3", ""]), st.sampled_from(["1998", "2005", ""]),
        st.sampled_from(["1", "10", "100", "0", ""]), st.sampled_from(["1", "5", "50", ""]),
    ),
    max_size=15,
)  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(FIRMS, st.integers(0, 99))
def test_row_order_changes_nothing(rows, seed):
    survey = survey_of(*rows)
    mixed = shuffled(survey, seed)
    for function, check in ((check_growth, GROWTH), (check_constant_within_unit, FOUNDED)):
        assert told(survey, function(survey, check)) == told(mixed, function(mixed, check))
