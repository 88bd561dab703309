"""Corrections: the log of decisions on single raw rows and cells, and what it may touch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias, cast, get_args

from impacteval.codebook import Codebook
from impacteval.delivery import Roles
from impacteval.errors import DataError, nearest, raise_together

Action: TypeAlias = Literal["replace", "drop", "newid", "okay", "recode"]
CORRECTION_COLUMNS = (
    "correction_id",
    "table",
    "source_file",
    "source_row",
    "submission",
    "column",
    "old_value",
    "new_value",
    "action",
    "check_id",
    "reason",
    "source",
    "error_by",
    "confirmed_by",
    "decided_by",
    "decided_on",
    "blind",
    "partner",
)
# A log that was begun before findings named the other of two rows has no such column.
OPTIONAL_COLUMNS = ("partner",)
ACTIONS = get_args(Action)
CHANGES = ("replace", "recode", "newid")
SOURCES = ("call-back", "re-interview", "photo", "logic", "form")
# How a finding names several columns and shows their cells.
COLUMN_SEPARATOR, CELL_SEPARATOR = "+", " | "
WHOLE_TABLE_ROW = 0
LOG = "corrections.csv"
NUMBER = re.compile(r"[1-9][0-9]{0,6}")
ROW = re.compile(r"[0-9]{1,9}")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A line of ``corrections.csv``.

    ``replace`` and ``recode`` change a cell, ``newid`` the id of a row, ``drop`` leaves a row out;
    ``okay`` keeps what check ``check_id`` finds, as long as its cells hold ``old_value`` and, where it is
    about two rows, the other one is ``partner`` (empty: any). The row is named by its submission or,
    where the table has none, by file and row (0: the table as a whole).
    """

    line: int
    correction_id: int
    table: str
    source_file: str
    source_row: int | None
    submission: str
    column: str
    old_value: str
    new_value: str
    action: Action
    check_id: str
    reason: str
    source: str
    error_by: str
    confirmed_by: str
    decided_by: str
    decided_on: str
    blind: Literal["yes", "no"]
    partner: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the line is about."""
        return tuple(self.column.split(COLUMN_SEPARATOR)) if self.column else ()

    @property
    def is_whole_table(self) -> bool:
        """Whether the line accepts a finding on a whole column or table."""
        return self.action == "okay" and self.source_row == WHOLE_TABLE_ROW


def is_day(text: str) -> bool:
    """Whether text is a day written YYYY-MM-DD."""
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def parse_corrections(
    rows: Mapping[int, Mapping[str, str]], *, unblinded_on: str = ""
) -> tuple[Correction, ...]:
    """Read the rows of ``corrections.csv``, by the line each begins on.

    Parameters
    ----------
    rows : mapping
        Line to the cells of that line, by ``CORRECTION_COLUMNS``; those of ``OPTIONAL_COLUMNS`` may lack.
    unblinded_on : str
        The day, YYYY-MM-DD, on which arms became known; empty when they are not.

    Returns
    -------
    tuple of Correction
        In the order of the file.

    Raises
    ------
    DataError
        Naming everything wrong on every line: ids that do not run from 1 on, an action or source
        that does not exist, a cell that the action needs or does not have, no reason, no one who decided.
    """
    problems = _wrong_ids(rows)
    for line, row in rows.items():
        problems += [f"line {line}: {fault}" for fault in faults_of(row, unblinded_on)]
    raise_together(problems, DataError, LOG)
    return tuple(correction_of(line, row) for line, row in rows.items())


def faults_of(row: Mapping[str, str], unblinded_on: str) -> list[str]:
    """Everything wrong with the cells of one line, its id aside."""
    return [*_wrong_place(row), *_wrong_action(row), *_wrong_decision(row, unblinded_on)]


def _wrong_ids(rows: Mapping[int, Mapping[str, str]]) -> list[str]:
    """Ids run from 1 to the number of lines: a line that is taken out leaves a gap."""
    problems, first = [], dict[int, int]()
    for line, row in rows.items():
        found = row["correction_id"]
        if not NUMBER.fullmatch(found):
            problems.append(f"line {line}: correction_id {found!r} is not a number from 1 on")
            continue
        earlier = first.setdefault(int(found), line)
        if earlier != line:
            problems.append(f"line {line}: correction_id {found} already stands on line {earlier}")
    gaps = sorted(set(range(1, max(first, default=0) + 1)) - set(first)) if not problems else []
    if gaps:
        listed = ", ".join(str(gap) for gap in gaps[:5]) + (" and more" if len(gaps) > 5 else "")
        problems.append(f"correction_id {listed}: missing; lines are added and never removed, so put it back")
    return problems


def _wrong_place(row: Mapping[str, str]) -> Iterator[str]:
    file, number = row["source_file"], row["source_row"]
    if number and not ROW.fullmatch(number):
        yield f"source_row {number!r} is not a row number"
    is_whole_table = bool(number) and not number.strip("0")
    if is_whole_table:
        return
    if bool(file) != bool(number):
        yield "source_file and source_row go together; fill in both or neither"
    elif not file and not row["submission"]:
        yield "no row is named; give its submission, or its source_file and source_row"


def _wrong_action(row: Mapping[str, str]) -> Iterator[str]:
    action = row["action"]
    if action != "okay":
        yield from _filled(row, OPTIONAL_COLUMNS, "only okay is about two rows")
    if action not in ACTIONS:
        yield f"action {action!r}: {nearest(action, ACTIONS)}"
    elif action == "drop":
        yield from _filled(row, ("column", "old_value", "new_value"), "drop is about a row")
    elif action == "okay":
        yield from _filled(row, ("new_value",), "okay keeps the value")
        if not row["check_id"]:
            yield "check_id is empty; okay says which check it accepts"
    else:
        yield from _wrong_change(row)
    if action != "okay" and row["source_row"] and not row["source_row"].strip("0"):
        yield "source_row 0 is the table as a whole, which can only be okay"


def _filled(row: Mapping[str, str], names: Sequence[str], why: str) -> Iterator[str]:
    yield from (f"{name} is not empty; {why}, so leave it empty" for name in names if row.get(name))


def _wrong_change(row: Mapping[str, str]) -> Iterator[str]:
    new = row["new_value"]
    if not row["column"]:
        yield f"column is empty; {row['action']} says which cell of the row changes"
    if new == row["old_value"]:
        yield "new_value is the same as old_value; to keep a value use the action okay"
    if CONTROL.search(new):
        yield "new_value holds a control character; type it again"
    if row["action"] == "newid" and (not new.strip() or new != new.strip()):
        yield "new_value is empty or begins or ends with white space; newid gives the row another id"


def _wrong_decision(row: Mapping[str, str], unblinded_on: str) -> Iterator[str]:
    yield from (
        f"{name} is empty; a correction says why, and who decided"
        for name in ("reason", "decided_by")
        if not row[name].strip()
    )
    if row["source"] not in SOURCES:
        yield f"source {row['source']!r}: how it was found out; {nearest(row['source'], SOURCES)}"
    if not is_day(row["decided_on"]):
        yield f"decided_on {row['decided_on']!r} is not a day such as 2026-03-31"
    if row["blind"] not in {"yes", "no"}:
        yield f"blind {row['blind']!r}: yes if who decided did not know the row's arm, else no"
    elif unblinded_on and row["decided_on"] > unblinded_on and row["blind"] == "yes":
        yield f"blind is yes, but arms have been known since {unblinded_on}; write no"


def correction_of(line: int, row: Mapping[str, str]) -> Correction:
    """A line without faults as a correction."""
    return Correction(
        line=line,
        correction_id=int(row["correction_id"]),
        table=row["table"],
        source_file=row["source_file"],
        source_row=int(row["source_row"]) if row["source_row"] else None,
        submission=row["submission"],
        column=row["column"],
        old_value=row["old_value"],
        new_value=row["new_value"],
        action=cast("Action", row["action"]),
        check_id=row["check_id"],
        reason=row["reason"],
        source=row["source"],
        error_by=row["error_by"],
        confirmed_by=row["confirmed_by"],
        decided_by=row["decided_by"],
        decided_on=row["decided_on"],
        blind="yes" if row["blind"] == "yes" else "no",
        partner=row.get("partner", ""),
    )


def row_of(correction: Correction) -> dict[str, str]:
    """The cells of a line, as ``correction_of`` reads them."""
    row = {name: getattr(correction, name) for name in CORRECTION_COLUMNS}
    return {name: "" if value is None else str(value) for name, value in row.items()}


def forbidden(
    correction: Correction, *, codebook: Codebook, roles: Mapping[str, Roles], protected: Sequence[str] = ()
) -> list[str]:
    """Say what a correction names that does not exist or must not be corrected.

    Parameters
    ----------
    correction : Correction
    codebook : Codebook
    roles : mapping
        Roles of each table.
    protected : sequence of str
        Tables, or ``table.column``, that no correction may change: who was assigned to which arm.

    Returns
    -------
    list of str
        Empty when the correction may be made.
    """
    tables = sorted({v.table for v in codebook.variables})
    if correction.table not in tables:
        return [f"table {correction.table!r} does not exist; {nearest(correction.table, tables)}"]
    known = codebook.columns(correction.table)
    said = roles.get(correction.table, Roles())
    return [
        *(
            f"column {column!r} is not in the codebook; {nearest(column, known)}"
            for column in correction.columns
            if column not in known
        ),
        *_wrong_key(correction, said),
        *([] if correction.action == "okay" else _protected(correction, said, protected)),
    ]


def _wrong_key(correction: Correction, roles: Roles) -> Iterator[str]:
    if correction.is_whole_table and correction.submission:
        yield "row 0 is the table as a whole; leave submission empty"
    elif correction.submission and not roles.submission:
        yield (
            f"table {correction.table!r} has no roles.submission in study.yaml; leave submission empty and "
            "give source_file and source_row"
        )


def _protected(correction: Correction, roles: Roles, protected: Sequence[str]) -> Iterator[str]:
    table, column = correction.table, correction.column
    fixed = {
        roles.arm: "the arm",
        roles.period: "the period",
        roles.weight: "the weight",
        roles.submission: "the key of the submission",
        roles.consent: "consent",
    }
    ids = {c for c in (roles.unit, roles.member) if c}
    if table in protected:
        yield f"table {table!r} is the assignment as it was drawn; amend its file and say why in its note"
    elif column and (column in fixed or f"{table}.{column}" in protected):
        yield f"column {column!r} is {fixed.get(column, 'the treatment')}, which no correction may change"
    elif correction.action == "newid" and column not in ids:
        yield f"newid is for ids, and column {column!r} is none; {nearest(column, sorted(ids))}"
    elif correction.action in {"replace", "recode"} and column in ids:
        yield f"column {column!r} is an id; use the action newid"
