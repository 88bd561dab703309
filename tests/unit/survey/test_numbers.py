"""Numbers as people write them; what has two readings, or none, is refused with a reason."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.survey.numbers import marks_of, read_numbers
from impacteval.survey.types import type_columns
from support.tables import text_table, variable


def read(cell, format_="id", *, is_whole=False):
    return read_numbers(pd.Series([cell], dtype="str"), format_, is_whole=is_whole)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1.234.567,89", 1234567.89),
        ("Rp 1.500.000,-", 1_500_000),
        ("Rp1.234,56", 1234.56),
        ("Rp. 1.500.000,--", 1_500_000),
        ("IDR 2.000", 2000),
        ("1.500.000 rupiah", 1_500_000),
        ("2,5 M", 2.5e9),
        ("2,5 miliar", 2.5e9),
        ("2,5 Milyar", 2.5e9),
        ("750 jt", 7.5e8),
        ("750 juta", 7.5e8),
        ("750 juta rupiah", 7.5e8),
        ("850rb", 850_000),
        ("850 ribu", 850_000),
        ("1,2 T", 1.2e12),
        ("1,2 triliun", 1.2e12),
        ("1.500 jt", 1.5e9),
        ("(1.200)", -1200),
        ("Rp (1.200)", -1200),
        ("(Rp 1.200,50)", -1200.5),
        ("-Rp 1.200", -1200),
        ("Rp -1.200", -1200),
        ("\u22125", -5),
        ("12,5%", 12.5),
        ("12,5 persen", 12.5),
        ("1 500 000", 1_500_000),
        ("1\u00a0500\u00a0000", 1_500_000),
        ("1\u2009500\u202f000", 1_500_000),
        ("\uff11\uff0e\uff15\uff10\uff10", 1500),
        ("\uff11\uff12\uff0c\uff15", 12.5),
        ("nihil", 0),
        ("NIHIL", 0),
        ("1.500", 1500),
        ("1,500", 1.5),
        ("1500", 1500),
        ("+7", 7),
        ("0,1", 0.1),
    ],
)
def test_indonesian_numbers_that_are_read(cell, value):
    found = read(cell)
    assert found.values.tolist() == [value]
    assert found.why.tolist() == [""]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("1.234.56", "not a number"),
        ("12.5", "not a number"),
        ("0.500", "not a number"),
        ("1.500 000", "not a number"),
        ("1,5,0", "not a number"),
        ("--5", "not a number"),
        ("-(5)", "not a number"),
        ("- Rp -5", "not a number"),
        ("Rp", "not a number"),
        ("1e5", "not a number"),
        ("5 kg", "an unknown word"),
        ("2,5 m", "an unknown word"),
        ("5 jutaan", "an unknown word"),
        ("3-4 juta", "a range"),
        ("3 juta - 4 juta", "a range"),
        ("3 s/d 4 juta", "a range"),
        ("3 sampai 4", "a range"),
        ("3\u20134", "a range"),
        ("+/- 5 jt", "an approximation"),
        ("±5", "an approximation"),
        ("~5", "an approximation"),
        ("> 5 juta", "an approximation"),
        ("sekitar 5 juta", "an approximation"),
        ("kurang lebih 5", "an approximation"),
    ],
)
def test_indonesian_texts_that_are_refused_with_a_reason(cell, why):
    found = read(cell)
    assert np.isnan(found.values.iloc[0])
    assert found.why.iloc[0].startswith(why)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234.5", 1234.5),
        ("1,500", 1500),
        ("1.500", 1.5),
        ("(1,200)", -1200),
        ("2.5 million", 2.5e6),
        ("3 billion", 3e9),
        ("750 juta", 7.5e8),
    ],
)
def test_english_numbers_that_are_read(cell, value):
    assert read(cell, "en").values.tolist() == [value]


def test_a_capital_m_is_a_milliard_in_indonesian_and_refused_in_english():
    assert read("2 M").values.tolist() == [2e9]
    assert read("2 M", "en").why.iloc[0].startswith("an unknown word")


@pytest.mark.parametrize("cell", ["1.500", "1,500", "12,5%", "1 500", "Rp 5", "(5)", "nihil", "\uff11\uff12"])
def test_a_plain_column_reads_no_other_writing(cell):
    found = read(cell, "")
    assert (found.why.iloc[0] == "") == (cell == "1.500")


@pytest.mark.parametrize(
    ("cell", "why"),
    [("2,5", "not a whole number"), ("1.000.000.000.000.000", "a whole number of 16"), ("0,5 rb", "")],
)
def test_whole_numbers_in_indonesian(cell, why):
    assert read(cell, is_whole=True).why.iloc[0].startswith(why)
    assert np.isnan(read(cell, is_whole=True).values.iloc[0]) == bool(why)


@pytest.mark.parametrize(("cell", "format_"), [("1e999", ""), ("9" * 400, ""), ("9" * 400 + ",5", "id")])
def test_numbers_beyond_doubles_are_refused(cell, format_):
    assert read(cell, format_).why.tolist() == ["too large a number"]


@settings(max_examples=50, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**17), max_value=10**17))
def test_the_result_is_the_double_nearest_to_what_is_written(number):
    nearest = float(number)
    written = f"{number:f}"
    assert read(written, "").values.tolist() == [nearest]
    english = f"{number:,f}"
    assert read(english, "en").values.tolist() == [nearest]
    indonesian = english.translate(str.maketrans(",.", ".,"))
    assert read(indonesian).values.tolist() == [nearest]
    assert read("Rp " + indonesian).values.tolist() == [nearest]
    assert read(f"{indonesian} juta").values.tolist() == [float(Decimal(written) * 10**6)]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.text(max_size=12).map(str.strip).filter(bool), max_size=6), st.sampled_from(["", "id", "en"])
)
def test_any_text_is_read_or_refused_and_never_both(cells, format_):
    found = read_numbers(pd.Series(cells, dtype="str"), format_, is_whole=False)
    assert (found.values.isna() == (found.why != "")).all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["1.500", "Rp 5", "3-4", "750 jt", "x", "2"]), max_size=8))
def test_a_cell_is_read_alike_whatever_stands_beside_it(cells):
    together = read_numbers(pd.Series(cells, dtype="str"), "id", is_whole=False)
    alone = [read(cell) for cell in cells]
    assert together.why.tolist() == [a.why.iloc[0] for a in alone]
    assert together.values.tolist() == pytest.approx([a.values.iloc[0] for a in alone], nan_ok=True, abs=0)


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        ("1.500", "either"),
        ("-12.345", "either"),
        ("1,500", "comma"),
        ("1.5", "plain"),
        ("0.500", "plain"),
        ("1234.567", "plain"),
        ("1e3", "plain"),
        ("1.234.567", "id"),
        ("12,5", "id"),
        ("1.500,-", "id"),
        ("1,234.5", "en"),
        ("1500", ""),
        ("750 jt", ""),
        ("x", ""),
        ("1.234.56", ""),
    ],
)
def test_marks_say_which_writings_a_cell_can_be(cell, mark):
    assert marks_of(pd.Series([cell, ""], dtype="str")).tolist() == [mark, ""]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("tdk tahu", "dont_know"),
        ("Tidak  Tahu", "dont_know"),
        ("TT", "dont_know"),
        ("menolak", "refused"),
        ("-", ""),
    ],
)
def test_words_for_missing_values_are_read_where_people_type_numbers(cell, reason):
    text = text_table({"sales": ["5", cell]})
    typed = type_columns(text, [variable("sales", "decimal", format="id")])
    assert typed.unreadable == ()
    assert typed.frame["sales"].isna().tolist() == [False, True]
    assert (typed.reasons["sales"].tolist() if reason else ["", ""]) == ["", reason]
    plain = type_columns(text, [variable("sales", "decimal")])
    assert [u.value for u in plain.unreadable] == [cell]
