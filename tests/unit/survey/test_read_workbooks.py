"""Workbooks: cells as text exactly, faults by address, and nothing that could exhaust the machine."""

from __future__ import annotations

import datetime as dt
import struct
import time
import tracemalloc
from zipfile import ZIP_STORED

import pandas as pd
import pytest

from impacteval.delivery import SourceTable
from impacteval.errors import DataError
from impacteval.survey.read import read_tables
from impacteval.survey.sheet_scan import area_at, cell_at, column_letters
from impacteval.survey.types import type_columns
from support.raw_files import (
    COLUMNS,
    HEADER,
    cells_xml,
    problems_of,
    read_bytes,
    shown,
    text_cell,
    workbook_bytes,
    workbook_parts,
    zip_bytes,
)
from support.tables import codebook, variable

ROW = '<c r="A2"><v>1</v></c><c r="B2"><v>2</v></c>'


def read_book(tmp_path, content, columns=COLUMNS, **options):
    return read_bytes(tmp_path, content, "firms.xlsx", columns, **options)


def said_of(tmp_path, content, severity="error", **options):
    return shown(problems_of(tmp_path, content, "firms.xlsx", **options), severity)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (text_cell("B2", "1.250"), "1.250"),
        (text_cell("B2", "001"), "001"),
        (text_cell("B2", " NA "), " NA "),
        ('<c r="B2"><v>1250</v></c>', "1250"),
        ('<c r="B2"><v>1.25</v></c>', "1.25"),
        ('<c r="B2"><v>0.30000000000000004</v></c>', "0.30000000000000004"),
        ('<c r="B2"><v>1E-7</v></c>', "1e-07"),
        ('<c r="B2"><v>-0.5</v></c>', "-0.5"),
        ('<c r="B2" t="b"><v>1</v></c>', "TRUE"),
        ('<c r="B2" t="b"><v>0</v></c>', "FALSE"),
        ('<c r="B2" s="1"><v>45019</v></c>', "2023-04-03"),
        ('<c r="B2" s="2"><v>45019.4375</v></c>', "2023-04-03T10:30:00"),
        ('<c r="B2"><f>1+1</f><v>2</v></c>', "2"),
        ('<c r="B2" t="str"><f>"x"</f><v>x</v></c>', "x"),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', ""),
        ('<c r="B2" s="1"/>', ""),
    ],
)
def test_cell_is_text_exactly(tmp_path, cell, text):
    frame = read_book(tmp_path, workbook_bytes({2: '<c r="A2"><v>7</v></c>' + cell}))
    assert frame["wage"].tolist() == [text]
    assert frame["firm"].tolist() == ["7"]


def test_dates_follow_the_1904_system_where_the_workbook_does(tmp_path):
    rows = {2: '<c r="A2"><v>7</v></c><c r="B2" s="1"><v>43557</v></c>'}
    content = workbook_bytes(rows, settings='<workbookPr date1904="1"/>')
    assert read_book(tmp_path, content)["wage"].tolist() == ["2023-04-03"]


def test_workbook_of_another_writer_gives_its_values_back(tmp_path):
    moments = [dt.datetime(2021, 7, 5, 10, 58, 34), dt.datetime(2021, 7, 6)]
    frame = pd.DataFrame({"firm": ["001", "1.250"], "wage": [0.1, 3.0], "asked": moments})
    frame.to_excel(tmp_path / "made.xlsx", index=False, engine="xlsxwriter")
    read = read_book(tmp_path, (tmp_path / "made.xlsx").read_bytes(), ("firm", "wage", "asked"))
    assert read["firm"].tolist() == ["001", "1.250"]
    assert read["wage"].tolist() == ["0.1", "3"]
    assert read["asked"].tolist() == ["2021-07-05T10:58:34", "2021-07-06"]


def test_row_is_the_row_of_excel_and_blank_rows_are_noted(tmp_path):
    content = workbook_bytes({2: ROW, 5: ROW.replace("2", "5"), 9: '<c r="A9" s="1"/>'})
    assert read_book(tmp_path, content)["source_row"].tolist() == [2, 5]
    assert "sheet 'Data', rows 3, 4: 2 blank, left out" in said_of(tmp_path, content, "info")


def test_empty_formatted_columns_are_no_columns(tmp_path):
    header = HEADER + '<c r="D1" s="1"/>'
    content = zip_bytes(workbook_parts({"Data": cells_xml({1: header, 2: ROW + '<c r="D2" s="1"/>'})}))
    assert said_of(tmp_path, content) == ""


def test_values_below_no_name_are_refused(tmp_path):
    assert "column 3 has no name" in said_of(tmp_path, workbook_bytes({2: ROW + '<c r="D2"><v>1</v></c>'}))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ('<c r="B2" t="e"><v>#REF!</v></c>', "cell B2: the error #REF!"),
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "cell B2: the error #DIV/0!"),
        ('<c r="B2"><f>A1</f></c>', "cell B2: a formula without a stored result"),
        ('<c r="B2"><f>A1</f><v></v></c>', "cell B2: a formula without a stored result"),
        (text_cell("B2", "a_x0007_"), "row 2, column 'wage': a control character"),
        (text_cell("B2", "caf\ufffd"), "row 2, column 'wage': the character U+FFFD"),
    ],
)
def test_cell_that_holds_no_value_is_named_by_its_address(tmp_path, cell, message):
    problems = problems_of(tmp_path, workbook_bytes({2: '<c r="A2"><v>1</v></c>' + cell}), "firms.xlsx")
    assert f"firms.xlsx, sheet 'Data', {message}" in shown(problems)
    assert [(p.row, p.column) for p in problems] == [(2, "wage")]


def test_error_in_a_column_left_behind_is_only_noted(tmp_path):
    header = HEADER + text_cell("C1", "x")
    sheet = cells_xml({1: header, 2: ROW + '<c r="C2" t="e"><v>#N/A</v></c>'})
    content = zip_bytes(workbook_parts({"Data": sheet}))
    assert said_of(tmp_path, content) == ""
    assert "cell C2: the error #N/A" in said_of(tmp_path, content, "info")


def test_numbers_of_more_digits_than_excel_keeps_are_a_warning(tmp_path):
    content = workbook_bytes({2: '<c r="A2"><v>1</v></c><c r="B2"><v>12345678901234500</v></c>'})
    assert "cell B2: a number of 16 or more digits" in said_of(tmp_path, content, "warning")
    assert len(read_book(tmp_path, content)) == 1


def test_hidden_rows_columns_and_sheets_are_noted_and_read(tmp_path):
    sheet = '<cols><col min="2" max="3" hidden="1"/></cols>' + cells_xml({1: HEADER, 2: ROW})
    sheet = sheet.replace('<row r="2">', '<row r="2" hidden="1">')
    parts = workbook_parts({"Data": sheet, "Old": cells_xml({1: HEADER})}, states={"Old": "veryHidden"})
    noted = said_of(tmp_path, zip_bytes(parts), "info", sheet="Data")
    assert "row 2: 1 hidden, and read like the others" in noted
    assert "columns B:C: hidden" in noted
    assert "hidden sheets: 'Old'" in noted
    assert len(read_book(tmp_path, zip_bytes(parts), sheet="Data")) == 1


def test_merged_cells_are_refused_in_the_header_and_a_warning_below(tmp_path):
    merged = '<mergeCells><mergeCell ref="{}"/></mergeCells>'
    head = zip_bytes(workbook_parts({"Data": cells_xml({1: HEADER, 2: ROW}) + merged.format("A1:B1")}))
    assert "cells A1:B1: merged cells in the header" in said_of(tmp_path, head)
    below = zip_bytes(workbook_parts({"Data": cells_xml({1: HEADER, 2: ROW}) + merged.format("B2:B4")}))
    assert said_of(tmp_path, below) == ""
    assert "cells B2:B4: merged cells; only the first" in said_of(tmp_path, below, "warning")


def test_sheet_must_be_named_where_there_are_several(tmp_path):
    content = zip_bytes(workbook_parts({"A": cells_xml({1: HEADER, 2: ROW}), "B": cells_xml({1: HEADER})}))
    assert "2 sheets and none is declared: 'A', 'B'" in said_of(tmp_path, content)
    assert "no sheet 'b'; did you mean 'B'?" in said_of(tmp_path, content, sheet="b")
    assert len(read_book(tmp_path, content, sheet="A")) == 1
    assert len(read_book(tmp_path, content, sheet="B")) == 0


def test_header_that_is_not_in_row_1_is_refused(tmp_path):
    content = zip_bytes(workbook_parts({"Data": cells_xml({3: HEADER.replace("1", "3")})}))
    assert "the header must stand in row 1" in said_of(tmp_path, content)


def test_sheet_without_cells_is_refused(tmp_path):
    assert "no column names" in said_of(tmp_path, zip_bytes(workbook_parts({"Data": "<sheetData/>"})))


FAR = '<c r="XFD1048576"><v>1</v></c>'
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


def with_part(name, change, **options):
    parts = workbook_parts({"Data": cells_xml({1: HEADER, 2: ROW})}, **options)
    parts[name] = change(parts.get(name, ""))
    return zip_bytes(parts)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (workbook_bytes({1048576: FAR}), "cell XFD1048576: the cells span"),
        (workbook_bytes({1048577: '<c r="A1048577"><v>1</v></c>'}), "cell A1048577: more than"),
        (workbook_bytes({2: '<c r="XFE2"><v>1</v></c>'}), "cell XFE2: more than 16,384 columns"),
        (workbook_bytes({2: '<c r="A3"><v>1</v></c>'}), "cell A3 stands in row 2"),
        (workbook_bytes({2: '<c r="R1C1"><v>1</v></c>'}), "'R1C1' is no address of a cell"),
        (
            with_part(
                "xl/worksheets/sheet1.xml",
                lambda x: x.replace("<sheetData>", '<dimension ref="A1:ZZZ9"/><sheetData>'),
            ),
            "claims cells up to",
        ),
        (with_part("xl/worksheets/sheet1.xml", lambda x: DOCTYPE + x), "declares a document type"),
        (with_part("xl/sharedStrings.xml", lambda _: DOCTYPE + "<sst>&b;</sst>"), "declares a document type"),
        (with_part("xl/workbook.xml", lambda x: DOCTYPE + x), "declares a document type"),
        (
            with_part("docProps/app.xml", lambda _: "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>"),
            "document type",
        ),
        (with_part("xl/worksheets/sheet1.xml", lambda x: x[:-9]), "is not whole"),
        (zip_bytes({"xl/workbook.bin": b"x"}), "an .xlsb or .ods workbook"),
        (zip_bytes({"mimetype": "x", "content.xml": "<x/>"}), "an .xlsb or .ods workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an old .xls or has a password"),
        (b"firm,wage\n1,2\n", "not an .xlsx workbook"),
    ],
)
def test_workbook_that_is_not_safe_to_read_is_refused_by_name(tmp_path, content, message):
    assert message in said_of(tmp_path, content)


def test_far_cell_costs_neither_time_nor_memory(tmp_path):
    content = workbook_bytes({1048576: FAR})
    assert len(content) < 2000
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(DataError, match="XFD1048576"):
        read_book(tmp_path, content)
    seconds, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 2
    assert peak < 50e6


def test_far_empty_cell_that_was_once_formatted_is_harmless(tmp_path):
    far = '<c r="XFD1048576" s="1"/>'
    assert len(read_book(tmp_path, workbook_bytes({2: ROW, 1048576: far}))) == 1


def test_rows_above_the_limit_are_refused(tmp_path):
    rows = {i: f'<c r="A{i}"><v>1</v></c>' for i in range(2, 6)}
    assert "more than 3 rows (max_rows)" in said_of(tmp_path, workbook_bytes(rows), max_rows=3)
    assert len(read_book(tmp_path, workbook_bytes(rows), max_rows=4)) == 4


def test_part_that_unpacks_to_far_more_is_refused_unread(tmp_path):
    content = workbook_bytes({2: ROW + " " * 11_000_000})
    assert len(content) < 100_000
    assert "times its packed size" in said_of(tmp_path, content)
    assert "more than max_megabytes" in said_of(tmp_path, content, max_megabytes=5)


def test_part_that_is_longer_than_it_claims_is_refused(tmp_path):
    parts = workbook_parts({"Data": cells_xml({1: HEADER, 2: ROW})})
    sheet = parts["xl/worksheets/sheet1.xml"].encode()
    content = zip_bytes(parts)
    for claimed in (len(sheet) - 9, len(sheet) + 9):
        spoiled = content.replace(struct.pack("<L", len(sheet)), struct.pack("<L", claimed))
        assert spoiled != content
        said = said_of(tmp_path, spoiled)
        assert "sheet1.xml' claims" in said or "sheet1.xml' is damaged" in said


def test_entry_that_stands_twice_is_refused(tmp_path):
    parts = workbook_parts({"Data": cells_xml({1: HEADER, 2: ROW})}) | {"xl/stylez.xml": "<x/>"}
    assert "'xl/styles.xml' stands twice" in said_of(
        tmp_path, zip_bytes(parts).replace(b"xl/stylez.xml", b"xl/styles.xml")
    )


def test_overlapping_entries_are_refused(tmp_path):
    content = zip_bytes(workbook_parts({"Data": cells_xml({1: HEADER, 2: ROW})}), ZIP_STORED)
    at = content.rindex(b"xl/styles.xml") - 46 + 42
    overlapping = content[:at] + struct.pack("<L", 0) + content[at + 4 :]
    assert "lie over each other" in said_of(tmp_path, overlapping)


@pytest.mark.parametrize(
    ("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (16384, "XFD")]
)
def test_columns_are_named_as_in_excel(number, letters):
    assert column_letters(number) == letters
    assert cell_at(f"{letters}7").column == number
    assert area_at(f"A1:{letters}7").last.address == f"{letters}7"


def test_number_in_a_column_of_indonesian_text_is_not_read_as_thousands(tmp_path):
    """Bug: a cell with the number 1.125 was read as 1125, and one with 2.5 was refused."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "firms.xlsx")) as book:
        sheet = book.add_worksheet()
        for row, cell in enumerate(["sales", 1.125, 12.345, 2.5, 1250, "1.250"]):
            sheet.write(row, 0, cell)
    book = codebook(variable("sales", "decimal", format="id"))
    table = SourceTable(name="firms", files=("firms.xlsx",), format="xlsx")
    text = read_tables(tmp_path, [table], book)["firms"]
    assert text["sales"].tolist() == ["1,125", "12,345", "2,5", "1250", "1.250"]
    typed = type_columns(text, book.of_table("firms"))
    assert typed.frame["sales"].tolist() == [1.125, 12.345, 2.5, 1250.0, 1250.0] and not typed.unreadable
