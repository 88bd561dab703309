"""From text to values; what cannot be read is listed and never guessed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from impacteval.survey.types import summary_of, type_columns
from support.tables import text_table, variable


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("+4", 4),
        (" 5 ", 5),
        ("007", 7),
        ("6.0", 6),
        ("999999999999999", 999_999_999_999_999),
    ],
)
def test_integers_that_are_read(cell, value):
    typed = type_columns(text_table({"workers": [cell]}), [variable("workers", "integer")])
    assert typed.frame["workers"].tolist() == [value]
    assert typed.frame["workers"].dtype == "Int64"
    assert typed.unreadable == ()


@pytest.mark.parametrize(
    "cell", ["abc", "1.5", "1,000", "1e3", "12 kg", "-", "true", "NaN", "1_000", "१२", "0x1F", "9" * 16]
)
def test_integers_that_are_listed_and_not_guessed(cell):
    typed = type_columns(text_table({"workers": ["1", cell]}), [variable("workers", "integer")])
    found = typed.unreadable[0]
    assert (found.source_file, found.source_row, found.column, found.value) == (
        "firms.csv",
        3,
        "workers",
        cell,
    )
    assert typed.frame["workers"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("cell", "value"), [("1.5", 1.5), (".5", 0.5), ("2.", 2.0), ("-1e-3", -0.001), ("1E5", 1e5), ("0.1", 0.1)]
)
def test_decimals_that_are_read(cell, value):
    typed = type_columns(text_table({"wage": [cell]}), [variable("wage", "decimal")])
    assert typed.frame["wage"].tolist() == [value]
    assert typed.unreadable == ()


@pytest.mark.parametrize("cell", ["1,5", "1.000,5", "inf", "nan", "1e999", "1.2.3", "$5", "5%", "--1"])
def test_decimals_that_are_listed_and_not_guessed(cell):
    typed = type_columns(text_table({"wage": [cell]}), [variable("wage", "decimal")])
    assert [u.value for u in typed.unreadable] == [cell]
    assert np.isnan(typed.frame["wage"].iloc[0])


def test_empty_coded_and_extended_missing_values_are_missing_not_unreadable():
    v = variable("wage", "decimal", missing_codes=("-99", "refused"))
    text = text_table({"wage": ["", "  ", "-99", "refused", ".a", "1"]})
    typed = type_columns(text, [v])
    assert typed.frame["wage"].isna().tolist() == [True] * 5 + [False]
    assert typed.unreadable == ()
    row = summary_of(text, [v], typed).iloc[0]
    assert (row["n_values"], row["n_empty"], row["n_missing_code"], row["n_extended_missing"]) == (1, 2, 2, 1)


@pytest.mark.parametrize("type_", ["integer", "decimal"])
def test_missing_code_is_known_in_every_way_of_writing_it(type_):
    """Bug: ` -99` and `-99.0` were read as the value -99 where the code is `-99`; a missing code is
    compared as text without outer blanks and, in columns of numbers, as a number.
    """
    v = variable("wage", type_, missing_codes=("-99", "refused"))
    text = text_table({"wage": [" -99", "-99.0", "-99 ", " refused", " .a", "-98"]})
    typed = type_columns(text, [v])
    assert typed.frame["wage"].isna().tolist() == [True] * 5 + [False]
    assert typed.unreadable == ()
    row = summary_of(text, [v], typed).iloc[0]
    assert (row["n_missing_code"], row["n_extended_missing"]) == (4, 1)


def test_missing_code_of_text_is_compared_as_text():
    v = variable("note", missing_codes=("-99",))
    typed = type_columns(text_table({"note": [" -99", "-99.0"]}), [v])
    assert typed.frame["note"].isna().tolist() == [True, False]


@pytest.mark.parametrize("cell", ["20.000", "20.00", "1.", "1.000.000"])
def test_integer_with_a_separator_of_thousands_is_not_guessed(cell):
    """Bug: `20.000`, twenty thousand in Indonesia, was read as 20; only `.0` is a software's integer."""
    typed = type_columns(text_table({"workers": [cell]}), [variable("workers", "integer")])
    assert [u.value for u in typed.unreadable] == [cell]


def test_text_is_kept_as_it_stands():
    cells = [" a ", "01111", "NO", "=cmd()", "<script>alert(1)</script>", ""]
    typed = type_columns(text_table({"note": cells}), [variable("note")])
    assert typed.frame["note"].tolist()[:5] == cells[:5]
    assert pd.isna(typed.frame["note"].iloc[5])


def test_unreadable_cells_are_counted_by_column():
    text = text_table({"wage": ["x", "1", "y"], "workers": ["1", "2", "z"]})
    variables = [variable("wage", "decimal"), variable("workers", "integer")]
    summary = summary_of(text, variables, type_columns(text, variables))
    assert summary["n_unreadable"].tolist() == [2, 1]
    assert summary["n_values"].tolist() == [1, 2]
