"""Rounds asked the same, and every year has a price index."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.frame import Asked, Comparable, Conversion
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.validation.comparable import check_comparable
from support.linked import linked, places, said, shuffled, told

CHECK = Comparable(kind="comparable", id="c", table="firms", columns=("sales",))
PRICES = replace(CHECK, year="year", deflator="prices", deflator_year="y", deflator_index="cpi")
ROLES = {"firms": Roles(unit="firm", period="round")}
VARIABLES = {
    "round": {"type": "integer"}, "year": {"type": "integer"}, "y": {"type": "integer"}, "cpi": {"type": "decimal"},
    "sales": {"type": "decimal", "unit": "IDR a year", "question": "S1"},
    "turnover": {"type": "decimal", "unit": "IDR a month", "question": "S1"},
}  # fmt: skip
COLUMNS = {
    "firms": ("firm", "round", "sales", "year"),
    "prices": ("y", "cpi"),
    "baseline": ("firm", "turnover"),
}
TWO = (
    {"firm": "F1", "round": "1", "sales": "5", "year": "2020"},
    {"firm": "F1", "round": "2", "sales": "6", "year": "2021"},
)
BOTH_YEARS = ({"y": "2020", "cpi": "100"}, {"y": "2021", "cpi": "104"})


def survey_of(rows=TWO, prices=BOTH_YEARS, **changes):
    variables = {**VARIABLES, **changes}
    tables = {"firms": rows, "prices": prices, "baseline": ({"firm": "F1", "turnover": "3"},)}
    return linked(tables, ROLES, columns=COLUMNS, variables=variables)


def said_of(check, *args, **changes):
    survey = survey_of(*args, **changes)
    return said(survey, check_comparable(survey, check))


def test_rounds_that_asked_alike_pass():
    assert said_of(CHECK) == []


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({"question": "S1b"}, "question"),
        ({"unit": "IDR a month"}, "unit"),
        ({"format": "id"}, "format"),
        ({"reference": "last month"}, "reference"),
        ({"unit": "USD", "question": "S9"}, "question and unit"),
    ],
)
def test_a_round_that_asked_otherwise_is_an_error_for_the_column(asked, what):
    check = replace(CHECK, asked=(Asked(column="sales", period=2, **asked),))
    survey = survey_of()
    failures = check_comparable(survey, check)
    assert places(survey, failures) == [("firms", 0, "error")]
    assert f"round 2 differs from round 1 in {what}" in said(survey, failures)[0]


def test_a_declared_conversion_makes_a_round_comparable():
    asked = (Asked(column="sales", period=1, unit="IDR a month"),)
    conversion = Conversion(column="sales", period=1, factor=12, reason="months to years")
    assert said_of(replace(CHECK, asked=asked, conversions=(conversion,))) == []


def test_what_does_not_count_is_not_compared():
    check = replace(
        CHECK, asked=(Asked(column="sales", period=2, format="id"),), compared=("question", "unit")
    )
    assert said_of(check) == []


def test_a_round_in_another_table_is_compared_by_its_codebook():
    asked = Asked(column="sales", period=0, elsewhere="baseline", column_elsewhere="turnover")
    (message,) = said_of(replace(CHECK, asked=(asked,), compared=("unit", "question")), TWO[:1])
    assert "round 1 differs from round 0 in unit" in message
    assert replace(CHECK, asked=(asked,)).columns_elsewhere == (("baseline", "turnover"),)


def test_a_round_without_any_answer_is_a_warning():
    survey = survey_of(({**TWO[0], "sales": ""}, TWO[1]))
    failures = check_comparable(survey, CHECK)
    assert places(survey, failures) == [("firms", 0, "warning")]
    assert "no value in round 1" in said(survey, failures)[0]


def test_every_year_of_an_amount_needs_one_index():
    assert said_of(PRICES) == []
    assert "no price index in prices for 2021" in said_of(PRICES, TWO, BOTH_YEARS[:1])[0]
    assert "2 price indices in prices for 2020" in said_of(PRICES, TWO, (*BOTH_YEARS, BOTH_YEARS[0]))[0]


@pytest.mark.parametrize("index", ["0", "-1", ""])
def test_an_index_is_positive(index):
    prices = (BOTH_YEARS[0], {"y": "2021", "cpi": index})
    assert "no price index in prices for 2021" in said_of(PRICES, TWO, prices)[0]


def test_an_amount_without_a_year_is_listed():
    survey = survey_of(({**TWO[0], "year": ""}, {**TWO[1], "sales": "", "year": ""}, TWO[1]))
    assert places(survey, check_comparable(survey, PRICES)) == [("firms", 2, "error")]


def test_the_year_may_be_that_of_a_day():
    day = {"type": "date", "format": "%Y-%m-%d"}
    rows = ({**TWO[0], "year": "2020-12-31"}, {**TWO[1], "year": "2022-01-01"})
    (message,) = said_of(PRICES, rows, year=day)
    assert "no price index in prices for 2022" in message


def test_a_confidential_year_is_not_told():
    (message,) = said_of(PRICES, TWO, BOTH_YEARS[:1], year={"type": "integer", "confidential": "yes"})
    assert "2021" not in message


@pytest.mark.parametrize("rows", [(), ({"firm": "", "round": "", "sales": "", "year": ""},)])
def test_it_does_not_raise_on_poor_data(rows):
    assert said_of(PRICES, rows, ()) == []


def test_options_that_do_not_fit_are_refused():
    with pytest.raises(OptionError, match="columns is empty"):
        replace(CHECK, columns=())
    with pytest.raises(OptionError, match="asked: 'profit' is not in columns"):
        replace(CHECK, asked=(Asked(column="profit", period=1),))
    with pytest.raises(OptionError, match="conversions: factor 0 of 'sales'"):
        replace(CHECK, conversions=(Conversion(column="sales", period=1, factor=0, reason="r"),))
    with pytest.raises(OptionError, match="conversions: no reason for 'sales'"):
        replace(CHECK, conversions=(Conversion(column="sales", period=1, factor=2, reason=" "),))
    with pytest.raises(OptionError, match="deflator, deflator_year, deflator_index and year"):
        replace(PRICES, year="")


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "firm": st.just("F1"),
            "round": st.sampled_from(["1", "2", "3", ""]),
            "sales": st.sampled_from(["", "4"]),
            "year": st.sampled_from(["2020", "2022", ""]),
        }
    ),
    max_size=15,
)


@settings(max_examples=8, deadline=None)
@given(ROWS, st.integers(0, 99))
def test_row_order_changes_nothing(rows, seed):
    survey = survey_of(rows)
    check = replace(PRICES, asked=(Asked(column="sales", period=2, unit="USD"),))
    mixed = shuffled(survey, seed)
    assert told(survey, check_comparable(survey, check)) == told(mixed, check_comparable(mixed, check))
