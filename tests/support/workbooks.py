"""The workbook of the field team: filled in as a person would, and taken apart."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from impacteval.survey.answers import ROWS_SHEET, TO_DO

Cell = str | float | date


def sheet_rows(path: Path, sheet: str = TO_DO) -> list[list[Cell]]:
    """Rows of a sheet, the header first."""
    from python_calamine import load_workbook

    return load_workbook(path).get_sheet_by_name(sheet).to_python()


def sheet_names(path: Path) -> list[str]:
    """Sheets of a workbook."""
    from python_calamine import load_workbook

    return list(load_workbook(path).sheet_names)


def sheet_records(path: Path, sheet: str = TO_DO) -> list[dict[str, Cell]]:
    """Rows of a sheet by the names in its header."""
    header, *rows = sheet_rows(path, sheet)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def fill(path: Path, answers: Mapping[str, Mapping[str, Cell]]) -> Path:
    """Save a workbook anew with answers by finding id in its sheets of findings; others are left out."""
    names = [name for name in (TO_DO, ROWS_SHEET) if name in sheet_names(path)]
    sheets = {}
    for name in names:
        header, *_ = sheet_rows(path, name)
        records = sheet_records(path, name)
        rows = [{**record, **answers.get(str(record["finding_id"]), {})} for record in records]
        sheets[name] = [header, *(list(row.values()) for row in rows)]
    return save_sheets(path, sheets)


def save(path: Path, header: Sequence[str], rows: Sequence[Sequence[Cell]], sheet: str = TO_DO) -> Path:
    """Write a workbook with one sheet; text stays text."""
    return save_sheets(path, {sheet: [list(header), *rows]})


def save_sheets(path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> Path:
    """Write a workbook with some sheets, the header of each first; text stays text."""
    from xlsxwriter import Workbook

    plain = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with Workbook(str(path), plain) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet, rows in sheets.items():
            page = book.add_worksheet(sheet)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        page.write_datetime(number, column, value, day)
                    else:
                        page.write(number, column, value)
    return path


def parts_of(path: Path) -> dict[str, str]:
    """The XML of a workbook by the names of its parts."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
