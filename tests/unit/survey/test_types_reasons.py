"""Why values are missing, and types other than numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from impacteval.survey.types import missing_table, summary_of, type_columns
from support.tables import text_table, variable

CODES = ("-99=dont_know", "-98=refused", "-97=not_applicable", "-96")


@pytest.mark.parametrize("type_", ["integer", "decimal", "text", "category", "date", "datetime", "multiple"])
def test_declared_codes_are_missing_with_their_reason_in_every_type(type_):
    typed = type_columns(
        text_table({"x": ["-99", " -98 ", "-97", "-96", ""]}), [variable("x", type_, missing_codes=CODES)]
    )
    assert typed.frame["x"].isna().all()
    assert typed.reasons["x"].tolist() == ["dont_know", "refused", "not_applicable", "coded", ""]
    assert typed.codes["x"].tolist() == ["-99", "-98", "-97", "-96", ""]
    assert typed.unreadable == ()


@pytest.mark.parametrize(
    ("type_", "cell"), [("integer", "-99.0"), ("decimal", "-99.00"), ("decimal", "-9.9e1")]
)
def test_code_of_a_number_is_known_however_it_is_written(type_, cell):
    typed = type_columns(text_table({"x": [cell, "5"]}), [variable("x", type_, missing_codes=CODES)])
    assert typed.reasons["x"].tolist() == ["dont_know", ""]
    assert typed.codes["x"].tolist() == ["-99", ""]
    assert typed.frame["x"].isna().tolist() == [True, False]


def test_code_in_an_indonesian_column_is_known_by_its_number():
    v = variable("x", "decimal", format="id", missing_codes=("-9.999=refused", "-99=dont_know"))
    typed = type_columns(text_table({"x": ["-9.999", "-9999", "-99,0", "1.500"]}), [v])
    assert typed.reasons["x"].tolist() == ["refused", "refused", "dont_know", ""]
    assert typed.frame["x"].tolist()[3] == 1500


@pytest.mark.parametrize("type_", ["integer", "decimal", "date", "category"])
def test_extended_missing_values_have_the_declared_reason_or_are_coded(type_):
    v = variable("x", type_, missing_codes=(".d=dont_know", ".r=refused"))
    text = text_table({"x": [".d", ".r", ".z", " .a "]})
    typed = type_columns(text, [v])
    assert typed.reasons["x"].tolist() == ["dont_know", "refused", "coded", "coded"]
    row = summary_of(text, [v], typed).iloc[0]
    assert (row["n_missing_code"], row["n_extended_missing"], row["n_empty"]) == (0, 4, 0)


def test_text_keeps_what_looks_like_an_extended_missing_value():
    typed = type_columns(text_table({"x": [".d"]}), [variable("x")])
    assert typed.frame["x"].tolist() == [".d"]


def test_category_that_allows_a_letter_keeps_it():
    typed = type_columns(text_table({"x": [".d", ".r"]}), [variable("x", "category", allowed=(".d",))])
    assert typed.frame["x"].isna().tolist() == [False, True]


def test_columns_without_reasons_are_not_among_them():
    typed = type_columns(
        text_table({"x": ["1", ""], "y": ["a", "b"]}),
        [variable("x", "integer", missing_codes=CODES), variable("y")],
    )
    assert dict(typed.reasons) == {}
    assert missing_table(typed).empty
    assert missing_table(typed).columns.tolist() == ["source_file", "source_row", "column", "code", "reason"]


def test_missing_table_lists_every_code_with_its_place():
    text = text_table({"x": ["-99", "1", "-98"], "y": ["", "-96", "2"]})
    typed = type_columns(
        text, [variable("x", "integer", missing_codes=CODES), variable("y", "decimal", missing_codes=CODES)]
    )
    assert missing_table(typed).to_numpy().tolist() == [
        ["firms.csv", 2, "x", "-99", "dont_know"],
        ["firms.csv", 4, "x", "-98", "refused"],
        ["firms.csv", 3, "y", "-96", "coded"],
    ]


def test_summary_counts_each_cell_once_and_each_reason():
    v = variable("x", "decimal", missing_codes=CODES)
    text = text_table({"x": ["-99", "-98", "-97", "-96", ".a", "", "1", "abc"]})
    row = summary_of(text, [v], type_columns(text, [v])).iloc[0]
    counts = row[["n_values", "n_empty", "n_missing_code", "n_extended_missing", "n_unreadable"]].tolist()
    assert counts == [1, 1, 4, 1, 1]
    assert sum(counts) == row["n_rows"]
    assert row[["n_dont_know", "n_refused", "n_not_applicable"]].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("integer", "Int64"),
        ("decimal", "float64"),
        ("date", "datetime64[us]"),
        ("datetime", "datetime64[us]"),
        ("multiple", "str"),
        ("category", "str"),
    ],
)
def test_columns_have_their_type_also_without_rows_or_values(type_, kind):
    for cells in ([], ["", ""]):
        typed = type_columns(text_table({"x": cells}), [variable("x", type_)])
        assert typed.frame["x"].dtype == kind
        assert typed.frame["x"].isna().all()


def test_an_unreadable_date_is_listed_with_its_place_and_reason():
    typed = type_columns(text_table({"x": ["2021-07-05", "2021-02-30"]}), [variable("x", "date")])
    (found,) = typed.unreadable
    assert (found.source_row, found.value, found.why) == (3, "2021-02-30", "no such day or time")
    assert typed.frame["x"].tolist() == [pd.Timestamp("2021-07-05"), pd.NaT]


def test_choices_of_a_question_of_several_are_kept_as_text():
    typed = type_columns(text_table({"x": ["a b", "a", ""]}), [variable("x", "multiple", allowed=("a", "b"))])
    assert typed.frame["x"].tolist()[:2] == ["a b", "a"]
    assert pd.isna(typed.frame["x"].iloc[2])


def test_tables_are_not_changed_and_indices_do_not_matter():
    text = text_table({"x": ["1", "-99", "bad"]})
    text.index = [7, 3, 9]
    before = text.copy()
    typed = type_columns(text, [variable("x", "integer", missing_codes=CODES)])
    pd.testing.assert_frame_equal(text, before)
    assert typed.unreadable[0].source_row == 4
    assert typed.reasons["x"].tolist() == ["", "dont_know", ""]
