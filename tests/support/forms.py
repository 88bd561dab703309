"""Small forms as rows of their sheets, written as CSV or as a workbook."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from impacteval.survey.form_parts import Form
from impacteval.survey.forms import read_form

Rows = Sequence[Sequence[str]]
SURVEY = (
    ("type", "name", "label::English (en)", "label::Bahasa Indonesia (id)", "hint::English (en)", "required", "relevant", "constraint", "appearance"),
    ("start", "start", "", "", "", "", "", "", ""),
    ("end", "end", "", "", "", "", "", "", ""),
    ("deviceid", "deviceid", "", "", "", "", "", "", ""),
    ("text", "enumerator_id", "Enumerator", "Pewawancara", "", "yes", "", "", ""),
    ("text", "firm_id", "Number of the enterprise", "Nomor perusahaan", "", "yes", "", "", ""),
    ("select_one yesno", "consent", "Do you agree to take part?", "Apakah Anda bersedia?", "", "yes", "", "", ""),
    ("begin group", "main", "Main part", "Bagian utama", "", "", "${consent} = '1'", "", ""),
    ("text", "owner_name", "Name of the owner", "Nama pemilik", "", "yes", "", "", ""),
    ("integer", "workers", "How many workers?", "Berapa pekerja?", "", "yes", "", ". > 0 and . < 500", ""),
    ("decimal", "sales", "Monthly sales (IDR)", "Penjualan per bulan", "Enter -99 if the respondent does not know", "yes", "", "(. >= 0 and . <= 1000000000) or . = -99", ""),
    ("select_multiple inputs", "inputs", "Which inputs?", "Bahan apa?", "", "", "", "", ""),
    ("text", "inputs_other", "Which other ones?", "Sebutkan", "", "", "selected(${inputs}, 'other')", "", ""),
    ("select_one yesno", "exports", "Do you export?", "Apakah Anda mengekspor?", "", "yes", "", "", ""),
    ("decimal", "export_share", "Share of exports", "Bagian ekspor", "", "yes", "${exports} = '1'", "", ""),
    ("integer", "export_years", "Years of exports", "Lama ekspor", "", "yes", "${exports} = '1'", "", ""),
    ("text", "export_country", "Where to?", "Ke mana?", "", "", "${exports} = '1'", "", ""),
    ("geopoint", "place", "Where are we?", "Di mana kita?", "", "", "", "", ""),
    ("note", "thanks", "Thank you", "Terima kasih", "", "", "", "", ""),
    ("end group", "", "", "", "", "", "", "", ""),
    ("begin repeat", "roster", "Workers", "Pekerja", "", "", "", "", ""),
    ("integer", "age", "Age", "Umur", "", "yes", "${consent} = '1'", ". >= 15", ""),
    ("end repeat", "", "", "", "", "", "", "", ""),
)  # fmt: skip
CHOICES = (
    ("list_name", "name", "label::English (en)", "label::Bahasa Indonesia (id)"),
    ("yesno", "1", "Yes", "Ya"),
    ("yesno", "0", "No", "Tidak"),
    ("yesno", "-99", "Don't know", "Tidak tahu"),
    ("inputs", "steel", "Steel", "Baja"),
    ("inputs", "rubber", "Rubber", "Karet"),
    ("inputs", "other", "Other", "Lainnya"),
    ("inputs", "none", "Refused to answer", "Menolak menjawab"),
)
SETTINGS = (("form_title", "form_id", "version"), ("Enterprises", "firms", "2024010101"))


def write_rows(path: Path, rows: Rows) -> Path:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def write_workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    """Write sheets as a workbook."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell != "":
                        sheet.write(number, column, cell)
    return path


def make_form(folder: Path, survey: Rows = SURVEY, choices: Rows = CHOICES, *, version: str = "") -> Form:
    """Read a form from its sheets as CSV."""
    form = read_form(write_rows(folder / "survey.csv", survey), write_rows(folder / "choices.csv", choices))
    return replace(form, settings=replace(form.settings, version=version)) if version else form


def with_row(rows: Rows, at: int, row: Sequence[str]) -> Rows:
    """Rows with another one in the place of that at a position; 0 is the heading."""
    return (*rows[:at], row, *rows[at + 1 :])
