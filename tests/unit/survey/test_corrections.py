"""Corrections are replayed from their log and must fit the raw file."""

from __future__ import annotations

import pytest

from impacteval.errors import DataError
from impacteval.survey.corrections import applied_table, parse_corrections, replay
from support.tables import codebook, text_table, variable

ROW = {
    "table": "firms",
    "source_file": "firms.csv",
    "source_row": "3",
    "column": "wage",
    "old_value": "1000",
    "new_value": "100",
    "reason": "a zero too many, by telephone",
    "decided_by": "field team",
}
BOOK = codebook(variable("firm"), variable("wage"))
SECRET = codebook(variable("firm"), variable("wage", confidential="yes"))


def parse(*rows):
    """Rows as of a file without blank lines."""
    return parse_corrections(dict(enumerate(rows, start=2)))


def raw():
    return {"firms": text_table({"firm": ["1", "2"], "wage": ["90", "1000"]})}


def refusal(*rows):
    with pytest.raises(DataError) as caught:
        replay(raw(), parse(*rows), BOOK)
    return str(caught.value)


def test_a_cell_is_replaced_and_the_raw_table_is_left_alone():
    before = raw()
    kept = before["firms"].copy()
    after = replay(before, parse(ROW), BOOK)
    assert after["firms"]["wage"].tolist() == ["90", "100"]
    assert before["firms"].equals(kept)


def test_old_value_must_be_what_the_file_holds():
    message = refusal({**ROW, "old_value": "1,000"})
    assert "line 2: firms.csv, row 3, column wage: old_value is '1,000' but the file holds '1000'" in message


def test_row_that_does_not_exist_is_named():
    assert "line 2: firms.csv has no row 9" in refusal({**ROW, "source_row": "9"})
    assert "line 2: other.csv has no row 3" in refusal({**ROW, "source_file": "other.csv"})


def test_unknown_table_or_column_is_met_with_the_nearest_name():
    assert "table 'firm' does not exist; allowed: firms; did you mean 'firms'" in refusal(
        {**ROW, "table": "firm"}
    )
    assert "column 'wages' is not in the codebook" in refusal({**ROW, "column": "wages"})


@pytest.mark.parametrize("column", ["source_row", "source_file"])
def test_the_place_of_a_row_cannot_be_corrected(column):
    assert f"column {column!r} is not in the codebook" in refusal({**ROW, "column": column})


def test_two_lines_about_one_cell_are_refused():
    message = refusal(ROW, {**ROW, "new_value": "110"})
    assert "line 3: the cell is already corrected on line 2" in message


@pytest.mark.parametrize("name", ["reason", "decided_by"])
def test_a_correction_says_why_and_who(name):
    assert f"line 2: {name} is empty" in refusal({**ROW, name: " "})


@pytest.mark.parametrize("number", ["", "-3", "3.0", "three", "²"])
def test_row_number_must_be_one(number):
    assert f"line 2: source_row {number!r} is not a row number" in refusal({**ROW, "source_row": number})


def test_all_faults_are_listed_at_once():
    message = refusal({**ROW, "source_row": "9"}, {**ROW, "old_value": "5"})
    assert "2 problems" in message


def test_applied_corrections_are_listed_by_cell():
    later = {**ROW, "source_row": "2", "old_value": "90", "new_value": "91"}
    table = applied_table(parse(ROW, later), BOOK)
    assert table["source_row"].tolist() == [2, 3]
    assert table["new_value"].tolist() == ["91", "100"]


def test_confidential_values_are_in_no_message_and_no_table():
    """Bug: a correction that did not fit printed the cell of a confidential column, and the list of
    corrections held its values; a confidential value leaves the raw files in clean tables only.
    """
    with pytest.raises(DataError) as caught:
        replay(raw(), parse({**ROW, "old_value": "999"}), SECRET)
    assert "old_value is '[confidential]' but the file holds '[confidential]'" in str(caught.value)
    assert "999" not in str(caught.value)
    assert replay(raw(), parse(ROW), SECRET)["firms"]["wage"].tolist() == ["90", "100"]
    row = applied_table(parse(ROW), SECRET).iloc[0]
    assert (row["old_value"], row["new_value"]) == ("[confidential]", "[confidential]")


def test_column_whose_name_begins_like_the_place_of_a_row_can_be_corrected():
    """Bug: every column `source_...` was refused; only `source_file` and `source_row` are not data."""
    text = {"firms": text_table({"source_of_funds": ["bank", "bnak"]})}
    row = {**ROW, "column": "source_of_funds", "old_value": "bnak", "new_value": "bank"}
    after = replay(text, parse(row), codebook(variable("source_of_funds")))
    assert after["firms"]["source_of_funds"].tolist() == ["bank", "bank"]
