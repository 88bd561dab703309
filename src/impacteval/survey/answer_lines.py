"""From one answer of the field team to the cells of lines of the log."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from impacteval.codebook import MASKED
from impacteval.delivery import Roles
from impacteval.survey.corrections import (
    ACTIONS,
    CELL_SEPARATOR,
    COLUMN_SEPARATOR,
    CORRECTION_COLUMNS,
    WHOLE_TABLE_ROW,
    faults_of,
)
from impacteval.survey.log_rules import LogRules
from impacteval.survey.partners import partners_in_log
from impacteval.survey.sheet_text import same_text

# Typed for a value that is to be taken out: an empty cell may be one that was forgotten.
EMPTY = "[empty]"
VALUE_SHOWN, PARTNER = "value shown", "partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A row of a sheet of findings in which somebody wrote something; ``sheet`` is empty for ``To do``."""

    row: int
    finding_id: str
    value_shown: str
    partner: str
    action: str
    new_value: str
    reason: str
    source: str
    error_by: str
    confirmed_by: str
    decided_by: str
    decided_on: str
    sheet: str = ""

    @property
    def where(self) -> str:
        """Where the answer stands."""
        return f"row {self.row} of sheet {self.sheet!r}" if self.sheet else f"row {self.row}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Raw text, the same as the log leaves it, and where each row stands in either."""

    text: Mapping[str, pd.DataFrame]
    corrected: Mapping[str, pd.DataFrame]
    rules: LogRules
    places: Mapping[tuple[str, str, int], int] = field(init=False)
    corrected_places: Mapping[tuple[str, str, int], int] = field(init=False)

    def __post_init__(self) -> None:
        """Index both once."""
        object.__setattr__(self, "places", _positions(self.text))
        object.__setattr__(self, "corrected_places", _positions(self.corrected))


def _positions(text: Mapping[str, pd.DataFrame]) -> dict[tuple[str, str, int], int]:
    return {
        (name, str(file), int(row)): position
        for name, frame in text.items()
        for position, (file, row) in enumerate(zip(frame["source_file"], frame["source_row"], strict=True))
    }


class WrongAnswerError(Exception):
    """What is wrong with one answer."""


def lines_of(
    answer: Answer, by_id: Mapping[str, Mapping[Hashable, object]], data: Data
) -> list[dict[str, str]]:
    """The cells of the lines that an answer comes to, or what is wrong with it."""
    finding = by_id.get(answer.finding_id)
    if finding is None:
        raise WrongAnswerError("there is no such finding in the last run; fill in a new workbook")
    if finding["status"] != "open":
        raise WrongAnswerError(f"the finding is {finding['status']} by now; clear this answer")
    if not same_text(str(finding["value_shown"]), answer.value_shown):
        raise WrongAnswerError("the value shown is not the one found now; fill in a new workbook")
    if not same_text(str(finding["partner"]), answer.partner):
        raise WrongAnswerError("the partner is not the one found now; fill in a new workbook")
    if answer.action not in ACTIONS:
        raise WrongAnswerError(f"action {answer.action!r}: choose one of {', '.join(ACTIONS)}")
    rows = [{**_about(answer, finding, data), **cells} for cells in _decided(answer, finding, data)]
    faults = [fault for row in rows for fault in faults_of(row, data.rules.unblinded_on)]
    if faults:
        raise WrongAnswerError(*dict.fromkeys(faults))
    return rows


def _about(answer: Answer, finding: Mapping[Hashable, object], data: Data) -> dict[str, str]:
    """Who decided what about which row, in the cells of a line."""
    is_late = bool(data.rules.unblinded_on) and answer.decided_on > data.rules.unblinded_on
    return {
        **dict.fromkeys(CORRECTION_COLUMNS, ""),
        "table": str(finding["table"]),
        **key_of(finding, data),
        "action": answer.action,
        "check_id": str(finding["check_id"]),
        "reason": answer.reason,
        "source": answer.source,
        "error_by": answer.error_by,
        "confirmed_by": answer.confirmed_by,
        "decided_by": answer.decided_by,
        "decided_on": answer.decided_on,
        # The workbook shows no arms: who decides by it is blind until arms are known to all.
        "blind": "no" if is_late else "yes",
    }


def _place(finding: Mapping[Hashable, object]) -> tuple[str, str, int]:
    return (str(finding["table"]), str(finding["source_file"]), int(str(finding["source_row"])))


def key_of(finding: Mapping[Hashable, object], data: Data) -> dict[str, str]:
    """How a line names the row of a finding: by its submission where that names one row."""
    table, file, row = _place(finding)
    by_place = {"source_file": file, "source_row": str(row)}
    column = data.rules.roles.get(table, Roles()).submission
    if row == WHOLE_TABLE_ROW or not column:
        return by_place
    position = _position(finding, data.places)
    keys = data.text[table][column]
    submission = str(keys.iloc[position])
    if submission and (keys == submission).sum() == 1:
        return {"submission": submission}
    return {"submission": submission, **by_place}


def _position(finding: Mapping[Hashable, object], places: Mapping[tuple[str, str, int], int]) -> int:
    position = places.get(_place(finding))
    if position is None:
        raise WrongAnswerError("its row is not in the data; fill in a new workbook")
    return position


def _decided(answer: Answer, finding: Mapping[Hashable, object], data: Data) -> list[dict[str, str]]:
    """The cells that differ between actions: column, old and new value of each line."""
    if answer.action == "drop":
        return [{"new_value": answer.new_value}]
    if answer.action == "okay":
        old = _found_value(finding, data)
        return [
            {
                "column": str(finding["column"]),
                "old_value": old,
                "new_value": answer.new_value,
                "partner": _partner(finding, data),
            }
        ]
    if _place(finding)[2] == WHOLE_TABLE_ROW:
        raise WrongAnswerError("the finding is on the table as a whole; only okay answers it")
    position = _position(finding, data.places)
    frame = data.text[str(finding["table"])]
    return [
        {"column": column, "old_value": str(frame[column].iloc[position]), "new_value": new}
        for column, new in _changes(answer, finding, data)
    ]


def _found_value(finding: Mapping[Hashable, object], data: Data) -> str:
    """The cells that a check found, as the corrected data hold them."""
    table, _, row = _place(finding)
    if row == WHOLE_TABLE_ROW:
        return str(finding["value_shown"])
    position = _position(finding, data.corrected_places)
    columns = _columns(finding)
    return CELL_SEPARATOR.join(str(data.corrected[table][column].iloc[position]) for column in columns)


def _partner(finding: Mapping[Hashable, object], data: Data) -> str:
    """The other rows of a finding, as the log names them."""
    table, shown = str(finding["table"]), str(finding["partner"])
    if not shown:
        return ""
    roles = data.rules.roles.get(table, Roles())
    found = partners_in_log(shown, data.text[table], roles, table=table, codebook=data.rules.codebook)
    if found is None:
        raise WrongAnswerError("the partner is not in the data; fill in a new workbook")
    return found


def _columns(finding: Mapping[Hashable, object]) -> list[str]:
    return str(finding["column"]).split(COLUMN_SEPARATOR) if finding["column"] else []


def _changes(answer: Answer, finding: Mapping[Hashable, object], data: Data) -> list[tuple[str, str]]:
    """Columns with their new values: one, or as many as ``value shown`` has parts."""
    columns, new = _columns(finding), answer.new_value
    if answer.action == "newid":
        roles = data.rules.roles.get(str(finding["table"]), Roles())
        ids = [c for c in (roles.unit, roles.member) if c]
        named = [c for c in ids if c in columns] or ids[:1]
        if len(named) == 1 and (len(columns) == 1 or CELL_SEPARATOR not in new):
            columns = named
    parts = new.split(CELL_SEPARATOR) if len(columns) > 1 else [new]
    if not columns or len(parts) != len(columns):
        raise WrongAnswerError(
            f"new_value needs {len(columns)} parts with {CELL_SEPARATOR!r} between them, as in "
            f"{VALUE_SHOWN!r}: those that stay and those that change"
        )
    frame, position = data.text[str(finding["table"])], _position(finding, data.places)
    held = [str(frame[column].iloc[position]) for column in columns]
    changed = [
        (column, "" if part.strip() == EMPTY else part)
        for column, part, old in zip(columns, parts, held, strict=True)
        if part.strip() != MASKED and part != old
    ]
    if any(part == "" and old != "" for part, old in zip(parts, held, strict=True)):
        raise WrongAnswerError(f"new_value is empty; type the value, or {EMPTY} to take the old one out")
    if not changed:
        raise WrongAnswerError("new_value changes nothing; to keep the value choose okay")
    return changed
