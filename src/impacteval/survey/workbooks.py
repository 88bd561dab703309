"""Excel workbooks as text: what a cell holds, not what it shows, and nothing that is not stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from impacteval.survey.headers import match_columns
from impacteval.survey.number_text import CellValue, cell_text
from impacteval.survey.problems import FileProblem, Place, ProblemSeverity, RawFileError, listed
from impacteval.survey.raw_file import FileText, RawFile, unusable
from impacteval.survey.sheet_scan import Area, Cell, column_letters
from impacteval.survey.text_columns import TextColumns
from impacteval.survey.workbook_parts import CheckedWorkbook, checked_workbook

FORMULA_REMEDY = "open the workbook, let it compute, and save values"


def read_workbook(file: RawFile) -> FileText:
    """Read one sheet whose first row is the header; a record's row is its row in Excel.

    Numbers have their shortest decimal form, dates ISO form in the workbook's date system, truth
    values are ``TRUE`` and ``FALSE``; text stays as it is. Blank rows are left out.
    """
    with TemporaryDirectory(prefix="impacteval-") as folder:
        try:
            book = checked_workbook(file, Path(folder))
            inside = file.within(f"sheet {book.sheet.name!r}")
            return _read_sheet(_rows(book, inside), book, inside)
        except RawFileError as error:
            return unusable(error.problems)


def _rows(book: CheckedWorkbook, file: RawFile) -> Iterator[list[CellValue]]:
    """Rows of the sheet from A1 on.

    Raises
    ------
    RawFileError
        Where calamine cannot read what the scan could; it shows faults of its own as it likes.
    """
    from python_calamine import CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_path(book.path).get_sheet_by_name(book.sheet.name)
        before: list[CellValue] = [""] * (sheet.start[1] if sheet.start else 0)
        for row in sheet.iter_rows():
            yield [*before, *row]
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic of the reader is no Exception
        message = f"the sheet cannot be read ({type(error).__name__}: {str(error)[:100]})"
        raise RawFileError(
            [file.error("C02", message, "open and save it in Excel, or fetch it again")]
        ) from error


def _read_sheet(rows: Iterator[list[CellValue]], book: CheckedWorkbook, file: RawFile) -> FileText:
    header = [cell_text(value) for value in next(rows, [])]
    if not any(header):
        place = Place(row=1, words="row 1")
        message = "no column names; the header must stand in row 1 of the sheet"
        return unusable([file.error("C03", message, "take out what stands above the table", place)])
    comma = _with_comma(header, file)
    records = [(number, _text_of(row, comma)) for number, row in enumerate(rows, start=2)]
    kept = _named_columns(header, [row for _, row in records])
    names = [header[i] for i in kept]
    match = match_columns(names, file)
    columns = TextColumns(names, match, file)
    full = [(number, [row[i] for i in kept]) for number, row in records if any(row)]
    columns.add_rows([row for _, row in full], [number for number, _ in full])
    wanted = {kept[i] + 1: name for name, i in match.positions.items()}
    last = full[-1][0] if full else 1
    blank = [number for number, row in records if not any(row) and number < last]
    problems = [*match.problems, *_sheet_problems(book, wanted, file), *_blank_rows(blank, file)]
    return columns.finish(problems)


def _with_comma(header: Sequence[str], file: RawFile) -> frozenset[int]:
    """Positions of columns whose numbers are read with a decimal comma."""
    found = match_columns(header, file).positions
    return frozenset(found[name] for name in file.decimal_comma if name in found)


def _text_of(row: Sequence[CellValue], comma: frozenset[int]) -> list[str]:
    """Cells as text; a number in a column with decimal commas has one, or 1.125 would be read as 1125."""
    text = [cell_text(value) for value in row]
    for i in comma:
        if i < len(row) and isinstance(row[i], float):
            text[i] = text[i].replace(".", ",")
    return text


def _named_columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Positions of columns that have a name or a value; wholly empty ones are only formatting."""
    nameless = [i for i, name in enumerate(header) if not name]
    empty = {i for i in nameless if not any(row[i] for row in rows)}
    return [i for i in range(len(header)) if i not in empty]


def _blank_rows(blank: Sequence[int], file: RawFile) -> list[FileProblem]:
    if not blank:
        return []
    place = Place(row=blank[0], words=listed(blank, "row"))
    return [file.remark("C03", f"{len(blank)} blank, left out", place=place)]


def _sheet_problems(book: CheckedWorkbook, wanted: Mapping[int, str], file: RawFile) -> list[FileProblem]:
    facts = book.facts
    problems = []
    for shown in sorted(set(facts.errors.values())):
        cells = [c for c, value in facts.errors.items() if value == shown]
        problems += _cell_problems(cells, f"the error {shown}", FORMULA_REMEDY, wanted, file)
    message = "a formula without a stored result"
    problems += _cell_problems(facts.unread, message, FORMULA_REMEDY, wanted, file)
    problems += _long_numbers(facts.long_numbers, wanted, file)
    problems += [p for area in facts.merged for p in _merged(area, wanted, file)]
    return [*problems, *_hidden(book, file)]


def _cell_problems(
    cells: Sequence[Cell], message: str, suggestion: str, wanted: Mapping[int, str], file: RawFile
) -> list[FileProblem]:
    """An error where the cells are read, a remark where their column is left behind."""
    used = [c for c in cells if c.column in wanted or c.row == 1]
    others = [c for c in cells if c.column not in wanted and c.row > 1]
    groups: list[tuple[list[Cell], ProblemSeverity]] = [(used, "error"), (others, "info")]
    return [
        file.remark("C02", message, suggestion, place=_place(group, wanted), severity=severity)
        for group, severity in groups
        if group
    ]


def _place(cells: Sequence[Cell], wanted: Mapping[int, str]) -> Place:
    words = listed([c.address for c in cells], "cell")
    column = wanted.get(cells[0].column, "") if len({c.column for c in cells}) == 1 else ""
    return Place(row=cells[0].row, column=column, words=words)


def _long_numbers(cells: Sequence[Cell], wanted: Mapping[int, str], file: RawFile) -> list[FileProblem]:
    """Numbers of 16 and more digits in columns that are read."""
    used = [c for c in cells if c.column in wanted]
    if not used:
        return []
    message = "a number of 16 or more digits, of which Excel keeps 15"
    suggestion = "have identifiers typed as text; correct these cells from the source"
    return [file.remark("C02", message, suggestion, place=_place(used, wanted), severity="warning")]


def _merged(area: Area, wanted: Mapping[int, str], file: RawFile) -> list[FileProblem]:
    place = Place(row=area.first.row, words=f"cells {area.address}")
    if area.first.row == 1:
        message = "merged cells in the header; one column name for several columns"
        return [file.error("C02", message, "give every column a name of its own, in row 1", place)]
    if any(area.first.column <= c <= area.last.column for c in wanted):
        message = "merged cells; only the first of them holds a value"
        return [file.remark("C02", message, "take the merging out", place=place, severity="warning")]
    return []


def _hidden(book: CheckedWorkbook, file: RawFile) -> list[FileProblem]:
    """Remarks on rows, columns and sheets that people do not see; hidden rows and columns are read."""
    facts, found = book.facts, []
    if facts.hidden_rows:
        place = Place(row=facts.hidden_rows[0], words=listed(facts.hidden_rows, "row"))
        found.append(
            file.remark("C02", f"{len(facts.hidden_rows)} hidden, and read like the others", place=place)
        )
    for first, last in facts.hidden_columns:
        words = f"columns {column_letters(first)}:{column_letters(last)}"
        found.append(file.remark("C02", "hidden, and read like the others", place=Place(words=words)))
    if book.hidden_sheets:
        names = ", ".join(repr(n) for n in book.hidden_sheets)
        found.append(file.remark("C02", f"the workbook has hidden sheets: {names}"))
    return found
