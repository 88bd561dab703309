"""The workbook of the field team: filled in as a person would, and taken apart."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from impacteval.survey.answers import TO_DO

Cell = str | float | date


def sheet_rows(path: Path, sheet: str = TO_DO) -> list[list[Cell]]:
    """Rows of a sheet, the header first."""
    from python_calamine import load_workbook

    return load_workbook(path).get_sheet_by_name(sheet).to_python()


def sheet_records(path: Path, sheet: str = TO_DO) -> list[dict[str, Cell]]:
    """Rows of a sheet by the names in its header."""
    header, *rows = sheet_rows(path, sheet)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def fill(path: Path, answers: Mapping[str, Mapping[str, Cell]]) -> Path:
    """Save a workbook anew with answers by finding id in its sheet; other sheets are left out."""
    header, *_ = sheet_rows(path)
    rows = [{**record, **answers.get(str(record["finding_id"]), {})} for record in sheet_records(path)]
    return save(path, [str(name) for name in header], [list(row.values()) for row in rows])


def save(path: Path, header: Sequence[str], rows: Sequence[Sequence[Cell]], sheet: str = TO_DO) -> Path:
    """Write a workbook with one sheet; text stays text."""
    from xlsxwriter import Workbook

    plain = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with Workbook(str(path), plain) as book:
        page = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate([list(header), *rows]):
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
