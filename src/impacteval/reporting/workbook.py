"""The workbook of findings for the field team: what is to be looked up, and where to answer.

All text is written as text: nothing in a cell is a formula or a link, whatever was typed in an
interview. No sheet shows the arm of a row. Equal findings give equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from impacteval.delivery import Roles
from impacteval.reporting.synthetic import MARK, WORKBOOK_LINE
from impacteval.reporting.workbook_words import READ_ME, SEVERITY_SIGNS
from impacteval.survey.answers import ANSWER_COLUMNS, ROWS_SHEET, TO_DO
from impacteval.survey.corrections import ACTIONS, COLUMN_SEPARATOR, SOURCES, WHOLE_TABLE_ROW
from impacteval.survey.recode_answers import RECODE_ANSWER_COLUMNS, RECODE_SHEET
from impacteval.survey.sheet_text import sheet_text
from impacteval.tables import table_of, write_atomic
from impacteval.validation.grouped import FINDING_ROW_COLUMNS, GROUP_ID

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# A workbook has no date of its own, so that equal findings give equal bytes.
CREATED = datetime(2000, 1, 1, tzinfo=UTC)
MOST_ROWS = 20_000
MOST_CAUSE_ROWS = 2_000
OF_FINDING = "of finding"
WITHHELD = "[not shown: it names an arm]"
# Columns of the findings table with their header and width in characters.
SHOWN = {
    "finding_id": ("finding_id", 24),
    "check_id": ("check", 22),
    "severity": ("severity", 11),
    "table": ("table", 10),
    "source_file": ("file", 16),
    "source_row": ("row", 7),
    "submission": ("submission", 18),
    "unit_id": ("enterprise", 14),
    "period": ("period", 8),
    "enumerator": ("enumerator", 14),
    "column": ("column", 18),
    "value_shown": ("value shown", 24),
    "partner": ("partner", 18),
    "message": ("what is wrong", 40),
    "suggestion": ("suggestion", 40),
}
RECODE_WIDTHS = dict(zip(RECODE_ANSWER_COLUMNS, (14, 32, 13, 14, 12), strict=True))
ANSWER_WIDTHS = dict(zip(ANSWER_COLUMNS, (11, 20, 32, 13, 14, 14, 14, 12), strict=True))
COUNTED = ("table", "unit_id", "enumerator", "severity", "status")
SEVERITIES = ("error", "warning", "info")
SEVERITY_COLOURS = {"error": "#fde0dd", "warning": "#fff3cd", "info": "#e8f1fa"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTables:
    """What a workbook shows.

    ``findings`` has ``FINDING_COLUMNS``; ``rows``, if any, has ``FINDING_ROW_COLUMNS``: the rows behind
    findings of many. ``by_check`` is the summary of checks, ``recode`` the sheet of answers to be coded, if
    any. ``roles`` say which columns hold arms, ``arm_words`` are their names and labels: values of the former
    and findings on whole tables that hold the latter are withheld.
    """

    title: str
    findings: pd.DataFrame
    by_check: pd.DataFrame
    rows: pd.DataFrame | None = None
    recode: pd.DataFrame | None = None
    roles: Mapping[str, Roles] = field(default_factory=dict)
    arm_columns: Sequence[str] = ()
    arm_words: Sequence[str] = ()
    is_synthetic: bool = False


def write_workbook(path: Path, tables: FieldTables) -> None:
    """Write the workbook for the field team, whole or not at all."""
    from xlsxwriter import Workbook

    findings = _without_arms(tables.findings, tables)
    rows = table_of([], FINDING_ROW_COLUMNS) if tables.rows is None else tables.rows
    open_rows = rows[rows["status"] == "open"]
    shown_rows = _without_arms(first_of_each(open_rows, GROUP_ID, MOST_CAUSE_ROWS), tables)
    single = findings[~findings["finding_id"].isin(rows[GROUP_ID])]
    counted = pd.concat([part[list(COUNTED)] for part in (single, rows)], ignore_index=True)
    is_open = findings["status"] == "open"
    open_, done = _by_severity(findings[is_open]), _by_severity(findings[~is_open])

    def write(partial: Path) -> None:
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        # Parts are not left in files elsewhere while the workbook is being put together.
        with Workbook(str(partial), {"constant_memory": False, "in_memory": True, **plain}) as book:
            book.set_properties({"title": sheet_text(tables.title)[:200], "created": CREATED})
            sheets = _Sheets(book, is_synthetic=tables.is_synthetic)
            hidden = (max(0, len(open_) - MOST_ROWS), max(0, len(open_rows) - MOST_CAUSE_ROWS))
            sheets.read_me(tables.title, *hidden)
            sheets.to_do(open_.head(MOST_ROWS))
            if len(shown_rows):
                sheets.rows_of_causes(shown_rows)
            sheets.table(
                "Accepted and corrected",
                _shown(done.head(MOST_ROWS)).assign(status=done["status"].head(MOST_ROWS).to_numpy()),
                widths=(*(width for _, width in SHOWN.values()), 11),
            )
            sheets.table("By check", tables.by_check)
            sheets.table("By enterprise", counts_by(counted, ["table", "unit_id"]).head(MOST_ROWS))
            sheets.table("By enumerator", counts_by(counted, ["table", "enumerator"]))
            if tables.recode is not None:
                sheets.recode(tables.recode.head(MOST_ROWS))

    write_atomic(path, write)


def counts_by(findings: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Count findings by the values of some columns: open ones by severity, and those that are done.

    Rows in which the last key is empty are left out; those with most open errors come first.
    """
    known = findings[findings[keys[-1]] != ""]
    groups = known.groupby(list(keys), sort=True)
    is_open = known["status"] == "open"
    columns = {f"open_{s}": is_open & (known["severity"] == s) for s in SEVERITIES}
    columns |= {s: known["status"] == s for s in ("accepted", "corrected")}
    counted = groups.size().to_frame()[[]]
    for name, counts in columns.items():
        counted[name] = counts.groupby([known[k] for k in keys], sort=True).sum().astype("int64")
    order = [f"open_{s}" for s in SEVERITIES]
    return counted.reset_index().sort_values(order, ascending=False, kind="stable", ignore_index=True)


def first_of_each(rows: pd.DataFrame, group: str, most: int) -> pd.DataFrame:
    """No more than ``most`` rows, in their order: the first of every group before the second of any."""
    rank = rows.groupby(group, sort=False).cumcount().sort_values(kind="stable")
    return rows.loc[rank.index[:most].sort_values()]


def _by_severity(findings: pd.DataFrame) -> pd.DataFrame:
    rank = findings["severity"].map({s: i for i, s in enumerate(SEVERITIES)})
    order = rank.sort_values(kind="stable").index
    return findings.loc[order].reset_index(drop=True)


def _without_arms(findings: pd.DataFrame, tables: FieldTables) -> pd.DataFrame:
    """Findings without the arm of a row, and without what is said of arms as a whole."""
    findings = findings.reset_index(drop=True)
    arms = {(table, roles.arm) for table, roles in tables.roles.items() if roles.arm}
    arms |= {(table, column) for table, _, column in (name.partition(".") for name in tables.arm_columns)}
    about = [
        any((table, part) in arms for part in columns.split(COLUMN_SEPARATOR))
        for table, columns in zip(findings["table"], findings["column"], strict=True)
    ]
    hidden = findings.assign(value_shown=findings["value_shown"].mask(pd.Series(about, dtype=bool), WITHHELD))
    words = [re.escape(word) for word in tables.arm_words if word.strip()]
    if not words:
        return hidden
    names = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
    whole = hidden["source_row"] == WHOLE_TABLE_ROW
    for name in ("value_shown", "message", "suggestion"):
        tells = whole & hidden[name].map(lambda text: bool(names.search(text))).astype(bool)
        hidden[name] = hidden[name].mask(tells, WITHHELD)
    return hidden


def _shown(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings in the columns and under the headers of a sheet."""
    return findings[list(SHOWN)].rename(columns={name: header for name, (header, _) in SHOWN.items()})


class _Sheets:
    """The sheets of one workbook; every cell is text or a number."""

    def __init__(self, book: Workbook, *, is_synthetic: bool) -> None:
        self._book = book
        self._is_synthetic = is_synthetic
        plain = {"text_wrap": True, "valign": "top", "font_size": 10}
        self._cell = book.add_format(plain)
        self._answer = book.add_format({**plain, "num_format": "@", "border": 1, "bg_color": "#fbfbf3"})
        self._header = book.add_format({**plain, "bold": True, "bottom": 2, "bg_color": "#dde6ee"})
        self._asked = book.add_format({**plain, "bold": True, "bottom": 2, "bg_color": "#efe9c7"})
        self._severity = {s: book.add_format({**plain, "bg_color": c}) for s, c in SEVERITY_COLOURS.items()}
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._heading = book.add_format({"bold": True, "font_size": 11})
        self._line = book.add_format({"text_wrap": True, "valign": "top"})

    def read_me(self, title: str, n_hidden: int, n_hidden_rows: int) -> None:
        """What to do, in English and in Bahasa Indonesia."""
        sheet = self._sheet("Read me", (100,))
        sheet.write_string(0, 0, sheet_text(title), self._title)
        if self._is_synthetic:
            sheet.write_string(1, 0, WORKBOOK_LINE, self._heading)
        row = 2
        for heading, lines in READ_ME:
            sheet.write_string(row, 0, heading, self._heading)
            for line in lines:
                row += 1
                sheet.write_string(row, 0, line, self._line)
            row += 2
        if n_hidden:
            more = f"{n_hidden} more findings are in validation/findings.csv; answer these first."
            sheet.write_string(row, 0, more, self._heading)
            row += 1
        if n_hidden_rows:
            more = f"{n_hidden_rows} more rows of one cause are in validation/finding_rows.csv."
            sheet.write_string(row, 0, more, self._heading)

    def to_do(self, findings: pd.DataFrame) -> None:
        """Open findings, one a row, with empty cells for the answers."""
        widths = (*(width for _, width in SHOWN.values()), *ANSWER_WIDTHS.values())
        sheet = self._sheet(TO_DO, widths)
        self._with_answers(sheet, _shown(findings), ANSWER_COLUMNS, {"action": ACTIONS, "source": SOURCES})

    def rows_of_causes(self, rows: pd.DataFrame) -> None:
        """Rows behind open findings of many rows, with empty cells for those that differ."""
        shown = _shown(rows)
        shown.insert(0, OF_FINDING, rows[GROUP_ID])
        widths = (24, *(width for _, width in SHOWN.values()), *ANSWER_WIDTHS.values())
        sheet = self._sheet(ROWS_SHEET, widths)
        self._with_answers(sheet, shown, ANSWER_COLUMNS, {"action": ACTIONS, "source": SOURCES})

    def recode(self, texts: pd.DataFrame) -> None:
        """What was typed under ``other``, one text a row, with empty cells for its code."""
        widths = [max(12, min(24, len(str(c)) + 4)) for c in texts.columns]
        sheet = self._sheet(RECODE_SHEET, [*widths, *RECODE_WIDTHS.values()])
        self._with_answers(sheet, texts, RECODE_ANSWER_COLUMNS, {"source": SOURCES})

    def _with_answers(
        self,
        sheet: Worksheet,
        shown: pd.DataFrame,
        asked: Sequence[str],
        choices: Mapping[str, Sequence[str]],
    ) -> None:
        """Rows with yellow columns behind them; some of these take one of a few words."""
        self._write(sheet, shown)
        first = len(shown.columns)
        for offset, name in enumerate(asked):
            sheet.write_string(0, first + offset, name, self._asked)
            for row in range(1, len(shown) + 1):
                sheet.write_blank(row, first + offset, None, self._answer)
        for name, listed in choices.items():
            column = first + asked.index(name)
            said = {
                "validate": "list",
                "source": list(listed),
                "error_title": name,
                "error_message": f"Choose one / pilih satu: {', '.join(listed)}",
            }
            sheet.data_validation(1, column, max(1, len(shown)), column, said)
        self._finish(sheet, len(shown), first + len(asked), frozen=1)

    def table(self, name: str, frame: pd.DataFrame, *, widths: Sequence[int] = ()) -> None:
        """A table as it is."""
        sheet = self._sheet(name, widths or [max(12, min(40, len(str(c)) + 4)) for c in frame.columns])
        self._write(sheet, frame)
        self._finish(sheet, len(frame), len(frame.columns), frozen=1)

    def _sheet(self, name: str, widths: Sequence[int]) -> Worksheet:
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if self._is_synthetic:
            sheet.set_footer(MARK)
        return sheet

    def _write(self, sheet: Worksheet, frame: pd.DataFrame) -> None:
        for column, (name, values) in enumerate(frame.items()):
            sheet.write_string(0, column, sheet_text(str(name)), self._header)
            cells = zip(values.astype("object"), values.isna(), strict=True)
            for row, (value, is_missing) in enumerate(cells, start=1):
                shown = "" if is_missing else value
                self._write_cell(sheet, row, column, shown, is_severity=name == "severity")

    def _write_cell(
        self, sheet: Worksheet, row: int, column: int, value: object, *, is_severity: bool
    ) -> None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(row, column, value, self._cell)
            return
        text = sheet_text(str(value))
        if is_severity:
            sheet.write_string(row, column, SEVERITY_SIGNS.get(text, text), self._format_of(text))
        else:
            sheet.write_string(row, column, text, self._cell)

    def _format_of(self, severity: str) -> Format:
        return self._severity.get(severity, self._cell)

    def _finish(self, sheet: Worksheet, n_rows: int, n_columns: int, *, frozen: int) -> None:
        sheet.freeze_panes(1, frozen)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        if n_columns:
            sheet.autofilter(0, 0, n_rows, n_columns - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
