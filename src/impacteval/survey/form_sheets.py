"""Sheets of an XLSForm as rows of text, and what their headings mean."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.parsers import expat

from impacteval.delivery import SourceTable
from impacteval.errors import DataError, raise_together
from impacteval.survey.archives import blocks_of, opened_archive
from impacteval.survey.number_text import cell_text
from impacteval.survey.raw_file import RawFile
from impacteval.survey.sheet_scan import RefusedPartError, guarded_parser
from impacteval.survey.workbook_parts import WORKBOOK, checked_workbook

ALIASES = {
    "relevance": "relevant",
    "calculate": "calculation",
    "caption": "label",
    "list": "list_name",
    "repeatcount": "repeat_count",
    "readonly": "read_only",
}
TRANSLATED = ("label", "hint", "constraint_message")
MOST_FORM_ROWS = 100_000
MOST_FORM_MEGABYTES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """A row of a sheet: its number there and its text by heading and language, where it has any."""

    number: int
    cells: Mapping[tuple[str, str], str]

    def text(self, heading: str) -> str:
        """The cell below a heading that has no languages; empty where there is none."""
        return self.cells.get((heading, ""), "")

    def by_language(self, heading: str) -> dict[str, str]:
        """The cells below a heading, by language."""
        return {language: text for (name, language), text in self.cells.items() if name == heading}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet of a form; ``where`` is how messages name it."""

    where: str
    headings: tuple[tuple[str, str], ...]
    rows: tuple[SheetRow, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the labels in the order of their columns."""
        return tuple(dict.fromkeys(language for name, language in self.headings if name == "label"))


def read_sheets(path: Path, choices_path: Path | None) -> dict[str, Sheet]:
    """Read the sheets ``survey``, ``choices`` and ``settings`` of a form; a missing one has no rows.

    Parameters
    ----------
    path : Path
        A workbook, or the survey sheet saved as CSV.
    choices_path : Path, optional
        The choices sheet saved as CSV.

    Raises
    ------
    DataError
        When a file is missing, damaged or no form.
    """
    for file in (path, choices_path):
        if file is not None and not file.is_file():
            raise DataError(f"{file.name}: not found; put the form beside its study and name it")
    if path.suffix.lower() == ".csv":
        cells = {"survey": _csv_cells(path), "choices": _csv_cells(choices_path) if choices_path else []}
        names = {"survey": path.name, "choices": choices_path.name if choices_path else path.name}
    elif choices_path is not None:
        raise DataError(
            f"{path.name}: a workbook has its own sheet of choices; leave {choices_path.name} out"
        )
    else:
        cells = _workbook_cells(path)
        names = {sheet: f"{path.name}, sheet {sheet}" for sheet in cells}
    default = _default_language(cells.get("settings", []))
    return {
        name: _sheet(names.get(name, path.name), cells.get(name, []), default)
        for name in ("survey", "choices", "settings")
    }


def _csv_cells(path: Path) -> list[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            rows, begins = [], 1
            for record in reader:
                rows.append((begins, record))
                begins = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: not UTF-8 text; save the sheet as CSV UTF-8") from error
    except csv.Error as error:
        raise DataError(f"{path.name}, row {begins}: {error}; save the sheet as CSV once more") from error
    return rows


def _workbook_cells(path: Path) -> dict[str, list[tuple[int, list[str]]]]:
    from python_calamine import CalamineWorkbook

    if path.suffix.lower() not in {".xlsx", ".xlsm"}:
        raise DataError(f"{path.name}: a form is an .xlsx workbook, or its sheets as .csv")
    wanted = {name.strip().lower(): name for name in _sheet_names(_raw_file(path, ""))}
    if "survey" not in wanted:
        raise DataError(f"{path.name}: no sheet named survey; sheets: {', '.join(wanted.values())}")
    found: dict[str, list[tuple[int, list[str]]]] = {}
    for sheet in ("survey", "choices", "settings"):
        if sheet in wanted:
            with TemporaryDirectory(prefix="impacteval-") as folder:
                book = checked_workbook(_raw_file(path, wanted[sheet]), Path(folder))
                rows = CalamineWorkbook.from_path(book.path).get_sheet_by_name(wanted[sheet])
                cells = rows.to_python(skip_empty_area=False)
            found[sheet] = [
                (number, [cell_text(cell) for cell in row]) for number, row in enumerate(cells, 1)
            ]
    return found


def _raw_file(path: Path, sheet: str) -> RawFile:
    table = SourceTable(
        name="form",
        files=(path.name,),
        format="xlsx",
        sheet=sheet,
        max_rows=MOST_FORM_ROWS,
        max_megabytes=MOST_FORM_MEGABYTES,
    )
    return RawFile(path=path, name=path.name, table=table, wanted=())


def _sheet_names(file: RawFile) -> list[str]:
    """Names of the sheets of a workbook, read from the part that lists them and no other."""
    names: list[str] = []

    def keep(element: str, attributes: Mapping[str, str]) -> None:
        if element.rpartition(" ")[2] == "sheet":
            names.append(attributes.get("name", ""))

    with opened_archive(file, "an .xlsx workbook") as archive:
        parser = guarded_parser()
        parser.StartElementHandler = keep
        try:
            for block in blocks_of(archive, archive.getinfo(WORKBOOK), file):
                parser.Parse(block, False)
        except (expat.ExpatError, RefusedPartError, KeyError, ValueError) as error:
            raise DataError(f"{file.name}: not a whole workbook ({error}); export the form again") from error
    return names


def _default_language(settings: Sequence[tuple[int, list[str]]]) -> str:
    if len(settings) < 2:
        return ""
    headings, values = settings[0][1], settings[1][1]
    named = {_plain(heading): value.strip() for heading, value in zip(headings, values, strict=False)}
    return named.get("default_language", "")


def _sheet(where: str, cells: Sequence[tuple[int, list[str]]], default: str) -> Sheet:
    if not cells:
        return Sheet(where=where, headings=(), rows=())
    (_, first), *below = cells
    if len(below) > MOST_FORM_ROWS:
        raise DataError(
            f"{where}: {len(below)} rows, at most {MOST_FORM_ROWS} are read; delete the empty ones"
        )
    headings = tuple(_heading(text, default) for text in first)
    twice = sorted({h[0] for h in headings if h[0] and headings.count(h) > 1})
    problems = [f"row 1: the heading {name!r} stands twice; keep one" for name in twice]
    raise_together(problems, DataError, where)
    rows = []
    for number, row in below:
        texts = {h: cell.strip() for h, cell in zip(headings, row, strict=False) if h[0] and cell.strip()}
        if texts:
            rows.append(SheetRow(number=number, cells=texts))
    return Sheet(where=where, headings=headings, rows=tuple(rows))


def _plain(heading: str) -> str:
    return re.sub(r"\s+", "_", heading.strip().lower())


def _heading(text: str, default: str) -> tuple[str, str]:
    """Field and language of a heading: ``label``, ``label:english``, ``label::English (en)``."""
    name, _, rest = re.sub(r"^bind\s*::?\s*", "", text.strip(), flags=re.IGNORECASE).partition(":")
    language = rest.lstrip(":").strip()
    field = ALIASES.get(_plain(name), _plain(name))
    if field in TRANSLATED:
        return field, language or default
    return (f"{field}:{language}", "") if language else (field, "")
