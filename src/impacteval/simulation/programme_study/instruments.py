"""The questionnaires of the simulated study: sheets kept as text, workbooks written from them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from impacteval.errors import DataError
from impacteval.survey.form_parts import Form
from impacteval.survey.forms import read_form
from impacteval.tables import write_atomic

INSTRUMENTS = ("enterprise", "workers")
SHEETS = ("survey", "choices", "settings")
CREATED = datetime(2010, 4, 12, tzinfo=UTC)
FIRST_WIDTH, OTHER_WIDTH = 24, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A questionnaire: the form as the project reads it, its version, and the header of its export."""

    name: str
    form: Form
    version: str

    @property
    def header(self) -> dict[str, str]:
        """Each question's column in an export that names groups, ``group/question``."""
        asked = [q for q in self.form.questions if q.type != "note"]
        return {q.name: "/".join([*q.groups, q.name]) for q in asked}


def read_instruments(folder: Path) -> dict[str, Instrument]:
    """Read the questionnaires of a folder of sheets, by name.

    Raises
    ------
    DataError
        When a sheet is missing or a form has a fault.
    """
    return {name: _read(folder, name) for name in INSTRUMENTS}


def _read(folder: Path, name: str) -> Instrument:
    form = read_form(folder / f"{name}_survey.csv", folder / f"{name}_choices.csv")
    headings, values = _cells(folder / f"{name}_settings.csv")
    settings = dict(zip(headings, values, strict=True))
    return Instrument(name=name, form=form, version=settings["version"])


def write_instrument(folder: Path, name: str, path: Path) -> None:
    """Write the workbook of a questionnaire from its sheets; equal sheets give equal bytes."""
    from xlsxwriter import Workbook

    sheets = {sheet: _cells(folder / f"{name}_{sheet}.csv") for sheet in SHEETS}

    def write(partial: Path) -> None:
        with Workbook(str(partial), {"in_memory": True}) as book:
            book.set_properties({"title": f"Questionnaire: {name}", "created": CREATED})
            bold = book.add_format({"bold": True})
            for sheet, rows in sheets.items():
                page = book.add_worksheet(sheet)
                for number, row in enumerate(rows):
                    for column, cell in _filled(row):
                        page.write_string(number, column, cell, bold if number == 0 else None)
                page.freeze_panes(1, 0)
                page.set_column(0, 1, FIRST_WIDTH)
                page.set_column(2, len(rows[0]), OTHER_WIDTH)

    write_atomic(path, write)


def _cells(path: Path) -> list[list[str]]:
    if not path.is_file():
        raise DataError(f"{path}: not found; the sheets of a questionnaire are survey, choices and settings")
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, strict=True))


def _filled(row: Sequence[str]) -> list[tuple[int, str]]:
    return [(column, cell) for column, cell in enumerate(row) if cell]
