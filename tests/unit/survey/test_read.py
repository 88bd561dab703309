"""Raw files as text, strictly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from impacteval.delivery import SourceTable
from impacteval.errors import DataError
from impacteval.survey.read import read_table, read_tables
from support.tables import codebook, variable


def read_bytes(tmp_path, content, columns=("firm", "wage"), **options):
    (tmp_path / "firms.csv").write_bytes(content)
    return read_table(
        tmp_path, SourceTable(name="firms", files=("firms.csv",), format="csv", **options), columns
    )


def refusal(tmp_path, content, **options):
    with pytest.raises(DataError) as caught:
        read_bytes(tmp_path, content, **options)
    return str(caught.value)


def test_every_cell_is_text_with_its_file_and_line(tmp_path):
    frame = read_bytes(tmp_path, b"firm,wage,other\n01,NA,x\n02,1e5,y\n")
    assert list(frame.columns) == ["source_file", "source_row", "firm", "wage"]
    assert frame["firm"].tolist() == ["01", "02"]
    assert frame["wage"].tolist() == ["NA", "1e5"]
    assert frame["source_row"].tolist() == [2, 3]
    assert set(frame["source_file"]) == {"firms.csv"}


def test_ragged_rows_are_named_by_line(tmp_path):
    message = refusal(tmp_path, b"firm,wage\n1,2\n3\n4,5,6\n")
    assert "firms.csv, line 3: 1 cells where the header has 2" in message
    assert "firms.csv, line 4: 3 cells where the header has 2" in message


def test_column_that_stands_twice_is_named(tmp_path):
    assert "line 1: the column 'wage' stands twice" in refusal(tmp_path, b"firm,wage,wage\n1,2,3\n")


def test_bytes_that_are_not_the_declared_encoding_are_named_by_line(tmp_path):
    message = refusal(tmp_path, b"firm,wage\n1,2\nCaf\xe9 X,3\n")
    assert "firms.csv, line 3: the bytes e9" in message
    assert "are not utf-8; declare the file's encoding in study.yaml" in message


def test_declared_encoding_is_followed(tmp_path):
    frame = read_bytes(tmp_path, b"firm;wage\nCaf\xe9;3\n", encoding="cp1252", delimiter=";")
    assert frame["firm"].tolist() == ["Café"]


def test_nul_character_is_named_by_line(tmp_path):
    assert "line 3, column 'wage': a NUL character" in refusal(tmp_path, b"firm,wage\n1,2\n3,\x004\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_byte_order_mark_is_no_part_of_the_first_column(tmp_path, encoding):
    frame = read_bytes(tmp_path, b"\xef\xbb\xbffirm,wage\r\n1,2\r\n", encoding=encoding)
    assert frame["firm"].tolist() == ["1"]
    assert frame["wage"].tolist() == ["2"]


def test_line_break_in_quotes_does_not_shift_the_rows_after_it(tmp_path):
    frame = read_bytes(tmp_path, b'firm,wage\n1,"two\nlines"\n2,3\n\n4,5\n')
    assert frame["wage"].tolist() == ["two\nlines", "3", "5"]
    assert frame["source_row"].tolist() == [2, 4, 6]


def test_unclosed_quote_is_named_by_line(tmp_path):
    assert "firms.csv, line 3: " in refusal(tmp_path, b'firm,wage\n1,2\n3,"4\n5,6\n')


def test_empty_file_is_refused(tmp_path):
    assert "firms.csv: empty; expected a header and rows" in refusal(tmp_path, b"")


def test_header_without_rows_is_an_empty_table(tmp_path):
    assert len(read_bytes(tmp_path, b"firm,wage\n")) == 0


def test_missing_column_is_met_with_the_nearest_name(tmp_path):
    message = refusal(tmp_path, b"firm,wages\n1,2\n")
    assert "firms.csv: column 'wage' of the codebook is not in the file" in message
    assert "did you mean 'wages'" in message


def test_column_names_are_not_trimmed_or_folded(tmp_path):
    assert "column 'wage'" in refusal(tmp_path, b"firm, Wage\n1,2\n")


def test_files_of_a_table_are_stacked_with_their_own_rows(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"firm,wage\n1,2\n")
    (tmp_path / "b.csv").write_bytes(b"wage,firm\n9,8\n")
    frame = read_table(
        tmp_path, SourceTable(name="firms", files=("a.csv", "b.csv"), format="csv"), ("firm", "wage")
    )
    assert list(zip(frame["source_file"], frame["source_row"], frame["firm"], strict=True)) == [
        ("a.csv", 2, "1"),
        ("b.csv", 2, "8"),
    ]


def test_all_faulty_files_are_listed_at_once(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    (tmp_path / "b.csv").write_bytes(b"firm\n1\n")
    tables = (
        SourceTable(name="firms", files=("a.csv", "b.csv"), format="csv"),
        SourceTable(name="census", files=("a.csv",), format="csv"),
    )
    with pytest.raises(DataError) as caught:
        read_tables(tmp_path, tables, codebook(variable("firm"), variable("wage")))
    message = str(caught.value)
    assert message.startswith("raw files: 3 problems")
    assert "b.csv: column 'wage'" in message and message.count("a.csv: empty") == 2
    assert {p.table for p in caught.value.problems} == {"firms", "census"}


@pytest.fixture(scope="module")
def stata_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stata")
    frame = pd.DataFrame(
        {
            "firm": [1.0, 2.0, 3.0, 4.0],
            "arm": [0.0, 1.0, 2.0, np.nan],
            "wage": [0.1, 1e6, np.nan, -2.5],
            "note": ["a", "", "NA", "é"],
        }
    )
    pyreadstat.write_dta(
        frame, folder / "firms.dta", variable_value_labels={"arm": {0: "control", 1: "mentor"}}, version=14
    )
    return folder


def test_stata_numbers_are_shown_by_label_or_shortest_form(stata_folder):
    table = SourceTable(name="firms", files=("firms.dta",), format="stata")
    frame = read_table(stata_folder, table, ("firm", "arm", "wage", "note"))
    assert frame["firm"].tolist() == ["1", "2", "3", "4"]
    assert frame["arm"].tolist() == ["control", "mentor", "2", ""]
    assert frame["wage"].tolist() == ["0.1", "1000000", "", "-2.5"]
    assert frame["note"].tolist() == ["a", "", "NA", "é"]
    assert frame["source_row"].tolist() == [1, 2, 3, 4]


def test_stata_extended_missing_values_keep_their_letter(tmp_path):
    pyreadstat.write_dta(
        pd.DataFrame({"wage": [1.0, "a", "z", None]}),
        tmp_path / "firms.dta",
        missing_user_values={"wage": ["a", "z"]},
    )
    frame = read_table(tmp_path, SourceTable(name="firms", files=("firms.dta",), format="stata"), ("wage",))
    assert frame["wage"].tolist() == ["1", ".a", ".z", ""]


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9])
def test_truncated_stata_file_is_refused_by_name(stata_folder, tmp_path, share):
    whole = (stata_folder / "firms.dta").read_bytes()
    (tmp_path / "firms.dta").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DataError, match=r"firms\.dta: "):
        read_table(tmp_path, SourceTable(name="firms", files=("firms.dta",), format="stata"), ("firm",))


def test_missing_stata_column_is_met_with_the_nearest_name(stata_folder):
    with pytest.raises(DataError, match=r"firms.dta: column 'wages' .*did you mean 'wage'"):
        read_table(stata_folder, SourceTable(name="firms", files=("firms.dta",), format="stata"), ("wages",))


def test_stata_dates_are_read_as_numbers_and_stop_nothing(tmp_path):
    """Bug: any date in a Stata file, even outside the codebook, ended in a TypeError; columns that the
    codebook does not name are not looked at, and a date is the number that Stata stores.
    """
    days = pd.to_datetime(pd.Series(["1960-01-02", "1961-01-01"])).dt.date
    frame = pd.DataFrame({"firm": [1.0, 2.0], "visit": days, "asked": days})
    pyreadstat.write_dta(frame, tmp_path / "firms.dta")
    table = SourceTable(name="firms", files=("firms.dta",), format="stata")
    read = read_table(tmp_path, table, ("firm", "visit"))
    assert list(read.columns) == ["source_file", "source_row", "firm", "visit"]
    assert read["visit"].tolist() == ["1", "366"]


@pytest.mark.parametrize("name", ["source_file", "source_row"])
def test_raw_column_with_the_name_of_a_place_is_refused(tmp_path, name):
    """Bug: such a column ended in pandas' ValueError; it is a fault of the file and is named."""
    message = refusal(tmp_path, f"firm,wage,{name}\n1,2,3\n".encode())
    assert f"firms.csv: the column name {name!r} is kept for the place of a row" in message
