"""Answers of the field team in the recode sheet: codes for what was typed under ``other``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from impacteval.checks.response import OtherSpecify
from impacteval.codebook import MASKED, Variable
from impacteval.delivery import SourceTable
from impacteval.errors import nearest
from impacteval.survey.answer_lines import Data, WrongAnswerError, key_of
from impacteval.survey.clean import refused_rows
from impacteval.survey.consent import Withdrawal
from impacteval.survey.corrections import CORRECTION_COLUMNS, Correction, faults_of
from impacteval.survey.form_parts import references
from impacteval.survey.read import read_table
from impacteval.survey.removed import leave_out
from impacteval.survey.replay import replay
from impacteval.survey.sheet_text import same_text

RECODE_SHEET = "Recode sheet"
SHOWN_COLUMNS = ("check_id", "value", "n_rows", "first_file", "first_row")
RECODE_ANSWER_COLUMNS = ("new_code", "reason", "source", "decided_by", "decided_on")
MOST_MEGABYTES, MOST_ROWS = 50, 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecodeAnswer:
    """A row of the recode sheet in which somebody wrote something."""

    row: int
    check_id: str
    value: str
    n_rows: str
    first_file: str
    first_row: str
    new_code: str
    reason: str
    source: str
    decided_by: str
    decided_on: str

    @property
    def where(self) -> str:
        """Where the answer stands."""
        return f"row {self.row} of sheet {RECODE_SHEET!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recodes:
    """Answers of a recode sheet, and the checks by id whose texts it lists.

    Rows of those who withdrew are not in the sheet, so no line is about them.
    """

    answers: tuple[RecodeAnswer, ...] = ()
    checks: Mapping[str, OtherSpecify] = field(default_factory=dict)
    withdrawals: Sequence[Withdrawal] = ()


NO_RECODES = Recodes()


def read_recodes(path: Path) -> tuple[RecodeAnswer, ...]:
    """Read the answers of a workbook's recode sheet; none where it has no such sheet.

    Raises
    ------
    DataError
        For a file that is no workbook, is too large, or lacks a column of the sheet.
    """
    if RECODE_SHEET not in sheet_names(path):
        return ()
    sheet = SourceTable(
        name="recodes",
        files=(path.name,),
        format="xlsx",
        sheet=RECODE_SHEET,
        max_megabytes=MOST_MEGABYTES,
        max_rows=MOST_ROWS,
    )
    text = read_table(path.parent, sheet, (*SHOWN_COLUMNS, *RECODE_ANSWER_COLUMNS))
    typed = text[list(RECODE_ANSWER_COLUMNS)].apply(lambda cells: cells.str.strip() != "").any(axis=1)
    return tuple(_answer(row) for row in text[typed].to_dict("records"))


def sheet_names(path: Path) -> list[str]:
    """Sheets of a workbook; of one that cannot be opened the recode sheet, so that reading it says why."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return list(CalamineWorkbook.from_path(path).sheet_names)
    except (CalamineError, OSError):
        return [RECODE_SHEET]


def _answer(row: Mapping[object, object]) -> RecodeAnswer:
    names = ("check_id", "n_rows", "first_file", "first_row", *RECODE_ANSWER_COLUMNS)
    cells = {name: str(row[name]).strip() for name in names}
    return RecodeAnswer(row=int(str(row["source_row"])), value=str(row["value"]), **cells)


def listed_data(data: Data, existing: Sequence[Correction], withdrawals: Sequence[Withdrawal]) -> Data:
    """Data of which the recode sheet is made: as the log leaves them, without those who withdrew."""
    corrected = replay(data.text, existing, data.rules, withdrawals).text
    refused = refused_rows(corrected, data.rules)
    without = leave_out(corrected, refused[refused["table"].isin(list(data.rules.links))])
    return Data(text=data.text, corrected=without, rules=data.rules)


def recode_lines(
    answer: RecodeAnswer, checks: Mapping[str, OtherSpecify], data: Data
) -> list[dict[str, str]]:
    """The cells of the lines that an answer comes to, or what is wrong with it.

    Each row with the text gets a line that puts the code in the place of ``other``. Where the text is
    asked under a condition on that answer, another line takes it out: it would answer what did not apply.

    Parameters
    ----------
    answer : RecodeAnswer
    checks : mapping
        Checks of open answers by id.
    data : Data
        As ``listed_data`` gives it.

    Raises
    ------
    WrongAnswerError
    """
    check = checks.get(answer.check_id)
    if check is None:
        raise WrongAnswerError("its check is not asked any more; fill in a new workbook")
    places = _places(answer, check, data)
    codes = _codes(answer, data.rules.codebook.find(check.table, check.column), check)
    lines = [line for place in places for line in _of_row(answer, check, codes, place=place, data=data)]
    faults = [fault for line in lines for fault in faults_of(line, data.rules.unblinded_on)]
    if faults:
        raise WrongAnswerError(*dict.fromkeys(faults))
    return lines


def _places(answer: RecodeAnswer, check: OtherSpecify, data: Data) -> list[tuple[str, str, int]]:
    """Rows, by table, file and number, that hold the text under ``other``."""
    frame = data.corrected[check.table]
    texts = _typed(frame, check)
    first = (check.table, answer.first_file, int(answer.first_row) if answer.first_row.isdecimal() else 0)
    position = data.corrected_places.get(first)
    held = "" if position is None else str(texts.iloc[position])
    if not held:
        raise WrongAnswerError("no answer is typed under `other` in its row now; fill in a new workbook")
    if answer.value.strip() != MASKED and not same_text(held, answer.value):
        raise WrongAnswerError("the text is not the one found now; fill in a new workbook")
    found = frame.loc[texts == held, ["source_file", "source_row"]]
    if answer.n_rows != str(len(found)):
        raise WrongAnswerError(f"the text stands in {len(found)} rows now; fill in a new workbook")
    return [(check.table, str(f), int(r)) for f, r in zip(*(found[c] for c in found), strict=True)]


def _typed(frame: pd.DataFrame, check: OtherSpecify) -> pd.Series:
    """What was typed under ``other``, without outer blanks; empty in all other rows."""
    chosen = frame[check.column].map(lambda cell: check.other in (cell.strip(), *cell.split())).astype(bool)
    return frame[check.text].str.strip().where(chosen, "")


def _codes(answer: RecodeAnswer, variable: Variable, check: OtherSpecify) -> list[str]:
    """Codes in the place of ``other``; only a question with several answers takes several."""
    known = [*variable.allowed, *variable.reasons]
    new = answer.new_code
    codes = new.split() if variable.type == "multiple" and new not in known else [new]
    if not codes or not new:
        raise WrongAnswerError("new_code is empty; type a code, or clear the row")
    if check.other in codes:
        raise WrongAnswerError("new_code is the answer as it is; to leave it so clear the row")
    unknown = [code for code in codes if variable.allowed and code not in known]
    if unknown:
        raise WrongAnswerError(
            f"new_code {unknown[0]!r} is no value of {variable.column}; {nearest(unknown[0], known)}; "
            "a new one goes into `allowed` in codebook.csv first"
        )
    return codes


def _of_row(
    answer: RecodeAnswer,
    check: OtherSpecify,
    codes: Sequence[str],
    *,
    place: tuple[str, str, int],
    data: Data,
) -> Iterator[dict[str, str]]:
    raw = data.text[check.table].iloc[data.places[place]]
    corrected = data.corrected[check.table].iloc[data.corrected_places[place]]
    about = _about(answer, place, data)
    held = str(corrected[check.column])
    new = (
        codes[0] if held.strip() == check.other and len(codes) == 1 else _with_codes(held, check.other, codes)
    )
    yield {**about, "column": check.column, "old_value": str(raw[check.column]), "new_value": new}
    relevant = data.rules.codebook.find(check.table, check.text).relevant
    if check.column in references(relevant):
        yield {**about, "column": check.text, "old_value": str(raw[check.text]), "new_value": ""}


def _with_codes(held: str, other: str, codes: Sequence[str]) -> str:
    """An answer with codes in the place of ``other``, each once."""
    parts = (part for given in held.split() for part in (codes if given == other else [given]))
    return " ".join(dict.fromkeys(parts))


def _about(answer: RecodeAnswer, place: tuple[str, str, int], data: Data) -> dict[str, str]:
    """Who decided what about which row, in the cells of a line."""
    table, file, row = place
    unblinded_on = data.rules.unblinded_on
    return {
        **dict.fromkeys(CORRECTION_COLUMNS, ""),
        "table": table,
        **key_of({"table": table, "source_file": file, "source_row": row}, data),
        "action": "recode",
        "check_id": answer.check_id,
        "reason": answer.reason,
        "source": answer.source,
        "decided_by": answer.decided_by,
        "decided_on": answer.decided_on,
        "blind": "no" if unblinded_on and answer.decided_on > unblinded_on else "yes",
    }
