"""Dates and times by their declared format; what is no date is refused with a reason."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.errors import ConfigError
from impacteval.survey.dates import pattern_of, read_times


def read(cells, format_="", *, has_time=False):
    return read_times(pd.Series(cells, dtype="str"), format_, has_time=has_time)


@pytest.mark.parametrize(
    ("cell", "format_", "day"),
    [
        ("2021-07-05", "", "2021-07-05"),
        ("2021-07-05T00:00:00", "", "2021-07-05"),
        ("5/7/2021", "%d/%m/%Y", "2021-07-05"),
        ("07/05/2021", "%m/%d/%Y", "2021-07-05"),
        ("5 Pebruari 2021", "%d %B %Y", "2021-02-05"),
        ("17 Agustus 1945", "%d %B %Y", "1945-08-17"),
        ("05-agt-2021", "%d-%b-%Y", "2021-08-05"),
        ("5 Agu 2021", "%d %b %Y", "2021-08-05"),
        ("5 Ags 2021", "%d %b %Y", "2021-08-05"),
        ("5 Okt 2021", "%d %b %Y", "2021-10-05"),
        ("5 Nop 2021", "%d %b %Y", "2021-11-05"),
        ("5 Mei 2021", "%d %b %Y", "2021-05-05"),
        ("5 DES 2021", "%d %b %Y", "2021-12-05"),
        ("July  5, 2021", "%B %d, %Y", "2021-07-05"),
        ("44382", "excel", "2021-07-05"),
        ("44382.0", "excel", "2021-07-05"),
        ("61", "excel", "1900-03-01"),
        ("59", "excel", "1900-02-28"),
        ("42920", "excel1904", "2021-07-05"),
        ("29/02/2020", "%d/%m/%Y", "2020-02-29"),
        ("100%2021-07-05", "100%%%Y-%m-%d", "2021-07-05"),
    ],
)
def test_dates_that_are_read(cell, format_, day):
    found = read([cell], format_)
    assert found.values.tolist() == [pd.Timestamp(day)]
    assert found.values.dtype == "datetime64[us]"
    assert found.why.tolist() == [""]


@pytest.mark.parametrize(
    ("cell", "format_", "why"),
    [
        ("2021-02-29", "", "no such day"),
        ("2021-13-01", "", "no such day"),
        ("2021-00-10", "", "no such day"),
        ("2021-04-31", "", "no such day"),
        ("1899-12-31", "", "a year outside"),
        ("2101-01-01", "", "a year outside"),
        ("05/07/2021", "", "not written as"),
        ("2021-7-5", "", "not written as"),
        ("2021-07-05T10:00:00", "", "not written as"),
        ("5/7/21", "%d/%m/%Y", "not written as"),
        ("5/7/2021 x", "%d/%m/%Y", "not written as"),
        ("44382", "", "not written as"),
        ("5 Foo 2021", "%d %B %Y", "not written as"),
        ("60", "excel", "no such day"),
        ("44382.5", "excel", "a date with a time"),
        ("2021-07-05", "excel", "not a serial number"),
        ("999999", "excel", "a year outside"),
    ],
)
def test_dates_that_are_refused_with_a_reason(cell, format_, why):
    found = read([cell, "2021-07-05"], format_)
    assert pd.isna(found.values.iloc[0])
    assert found.why.iloc[0].startswith(why)


@pytest.mark.parametrize(
    ("cell", "format_", "time"),
    [
        ("2021-07-05T10:58:34.147+03:00", "", "2021-07-05 10:58:34.147"),
        ("2021-07-05 10:58", "", "2021-07-05 10:58"),
        ("2021-07-05T10:58:34Z", "", "2021-07-05 10:58:34"),
        ("2021-07-05T10:58:34.123456789", "", "2021-07-05 10:58:34.123456"),
        ("Jul 5, 2021 1:05:09 PM", "%b %d, %Y %I:%M:%S %p", "2021-07-05 13:05:09"),
        ("5/7/2021 12:30 am", "%d/%m/%Y %I:%M %p", "2021-07-05 00:30"),
        ("44382.75", "excel", "2021-07-05 18:00"),
        ("44382.4573842593", "excel", "2021-07-05 10:58:38"),
    ],
)
def test_times_that_are_read_as_local_times(cell, format_, time):
    assert read([cell], format_, has_time=True).values.tolist() == [pd.Timestamp(time)]


@pytest.mark.parametrize(
    "cell", ["2021-07-05", "2021-07-05T24:00:00", "2021-07-05T10:60", "2021-07-05T10:58:60", "10:58"]
)
def test_times_that_are_refused(cell):
    assert read([cell], has_time=True).why.iloc[0] != ""


def test_thirteen_in_the_afternoon_does_not_exist():
    found = read(["5/7/2021 13:00 PM"], "%d/%m/%Y %I:%M %p", has_time=True)
    assert found.why.tolist() == ["no such day or time"]


def test_rows_with_another_offset_than_most_are_refused():
    cells = ["2021-07-05T10:00+07:00", "2021-07-05T11:00+0700", "2021-07-05T10:00+08:00", "2021-07-05T10:00"]
    found = read(cells, has_time=True)
    assert [why == "" for why in found.why] == [True, True, False, False]
    assert found.why.iloc[2].startswith("an offset from UTC other than that of most rows, +0700")


def test_offset_of_most_rows_counts_rows_and_not_distinct_times():
    cells = ["2021-07-05T10:00+07:00"] * 5 + [f"2021-07-05T1{n}:00+08:00" for n in range(3)]
    assert (read(cells, has_time=True).why == "").tolist() == [True] * 5 + [False] * 3


def test_offsets_may_differ_where_the_format_asks_for_them():
    cells = ["2021-07-05 10:00 +07:00", "2021-07-05 10:00 +09:00"]
    found = read(cells, "%Y-%m-%d %H:%M %z", has_time=True)
    assert found.values.tolist() == [pd.Timestamp("2021-07-05 10:00")] * 2


@pytest.mark.parametrize(
    ("format_", "has_time", "said"),
    [
        ("%d/%m/%y", False, "two digits"),
        ("%d/%m/%Q", False, "allowed: %Y"),
        ("%d/%m", False, "year is missing"),
        ("%Y", False, "one month is needed"),
        ("%d %m %B %Y", False, "one month is needed"),
        ("%d/%m/%Y %d", False, "day stands twice"),
        ("%d/%m/%Y", True, "hours are needed"),
        ("%d/%m/%Y %H:%M", False, "make the type datetime"),
        ("%d/%m/%Y %I:%M", True, "%I needs %p"),
        ("%d/%m/%Y%", False, "allowed: %Y"),
    ],
)
def test_formats_that_name_no_date_are_refused(format_, has_time, said):
    with pytest.raises(ConfigError, match=said):
        pattern_of(format_, has_time=has_time)


@settings(max_examples=40, deadline=None)
@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 12, 31)))
def test_every_time_is_read_back(moment):
    assert read([moment.isoformat()], has_time=True).values.tolist() == [moment]
    assert read([moment.date().isoformat()]).values.tolist() == [pd.Timestamp(moment.date())]
    day = (moment.date() - dt.date(1899, 12, 30)).days
    assert day <= 60 or read([str(day)], "excel").values.tolist() == [pd.Timestamp(moment.date())]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="0123456789-/T: +Zabc", max_size=20), max_size=5))
def test_any_text_is_read_or_refused_and_never_both(cells):
    for has_time in (False, True):
        found = read(cells, has_time=has_time)
        assert (found.values.isna() == (found.why != "")).all()


def test_no_cells_give_no_times():
    for format_ in ("", "excel", "%d %B %Y"):
        assert len(read([], format_).values) == 0


@pytest.mark.parametrize(
    ("format_", "text", "is_read"),
    [
        ("%d%m%Y", "01112021", True),
        ("%d%m%Y", "1112021", False),
        ("%Y%m%d", "2021111", False),
        ("%d/%m/%Y", "1/1/2021", True),
    ],
)
def test_parts_without_a_separator_have_all_their_digits(format_, text, is_read):
    """Bug: 1112021, which lost its zero, was read as 11 January; nothing says where its day ends."""
    assert bool(pattern_of(format_, has_time=False).fullmatch(text)) is is_read
