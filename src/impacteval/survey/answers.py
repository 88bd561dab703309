"""Answers of the field team: from a filled workbook of findings to lines of the log."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from impacteval.delivery import SourceTable
from impacteval.errors import DataError, raise_together
from impacteval.survey.answer_lines import PARTNER, VALUE_SHOWN, Answer, Data, WrongAnswerError, lines_of
from impacteval.survey.append import append_corrections
from impacteval.survey.corrections import LOG, Correction
from impacteval.survey.decided_lines import Decided, NewLines, numbered
from impacteval.survey.log_rules import LogRules
from impacteval.survey.read import read_table
from impacteval.survey.recode_answers import NO_RECODES, Recodes, listed_data, recode_lines, sheet_names
from impacteval.survey.replay import misfits, replay

__all__ = [
    "ANSWER_COLUMNS",
    "ROWS_SHEET",
    "TO_DO",
    "append_corrections",
    "corrections_from_answers",
    "read_answers",
]

TO_DO = "To do"
# Where the rows behind a finding of many rows can be answered one by one.
ROWS_SHEET = "Rows of one cause"
FINDING_ID = "finding_id"
ANSWER_COLUMNS = (
    "action",
    "new_value",
    "reason",
    "source",
    "error_by",
    "confirmed_by",
    "decided_by",
    "decided_on",
)
MOST_MEGABYTES, MOST_ROWS = 50, 200_000


def read_answers(path: Path) -> tuple[Answer, ...]:
    """Read the answers of a workbook; rows without any are left out.

    Rows of one cause have a sheet of their own, which older workbooks lack.

    Raises
    ------
    DataError
        For a file that is no workbook, is too large, or lacks the sheet or a column of one.
    """
    found = _of_sheet(path, TO_DO)
    return (*found, *_of_sheet(path, ROWS_SHEET)) if ROWS_SHEET in sheet_names(path) else found


def _of_sheet(path: Path, name: str) -> tuple[Answer, ...]:
    sheet = SourceTable(
        name="answers",
        files=(path.name,),
        format="xlsx",
        sheet=name,
        max_megabytes=MOST_MEGABYTES,
        max_rows=MOST_ROWS,
    )
    text = read_table(path.parent, sheet, (FINDING_ID, VALUE_SHOWN, PARTNER, *ANSWER_COLUMNS))
    typed = text[list(ANSWER_COLUMNS)].apply(lambda cells: cells.str.strip() != "").any(axis=1)
    own = "" if name == TO_DO else name
    return tuple(_answer(row, own) for row in text[typed].to_dict("records"))


def _answer(row: Mapping[str, object], sheet: str) -> Answer:
    cells = {name: str(row[name]).strip() for name in (FINDING_ID, *ANSWER_COLUMNS) if name != "new_value"}
    return Answer(
        row=int(str(row["source_row"])),
        value_shown=str(row[VALUE_SHOWN]),
        partner=str(row[PARTNER]),
        new_value=str(row["new_value"]),
        sheet=sheet,
        **cells,
    )


def corrections_from_answers(
    answers: Sequence[Answer],
    findings: pd.DataFrame,
    *,
    text: Mapping[str, pd.DataFrame],
    rules: LogRules,
    existing: Sequence[Correction] = (),
    recodes: Recodes = NO_RECODES,
) -> tuple[Correction, ...]:
    """Turn answers into new lines of the log.

    Parameters
    ----------
    answers : sequence of Answer
    findings : DataFrame
        ``FINDING_COLUMNS``, of the last run.
    text : mapping
        Raw text tables: they give old values, so that nobody has to type what is masked.
    rules : LogRules
    existing : sequence of Correction
        The log so far; new lines are numbered on.
    recodes : Recodes
        Answers of the recode sheet; they come after the others.

    Returns
    -------
    tuple of Correction
        They replay together with the log. Equal answers to several findings on a cell are one line.

    Raises
    ------
    DataError
        Naming every row of the sheet whose finding does not exist, is not open or shows another value
        now, whose answer is not whole, contradicts another, or does not fit the data or the log.
    """
    replayed = replay(text, existing, rules)
    data = Data(text=text, corrected=replayed.text, rules=rules)
    by_id = {str(f["finding_id"]): f for f in findings.to_dict("records")}
    decided, problems = _decided(answers, by_id, data)
    recoded, faults = _recoded(recodes, data, existing)
    new = numbered([*decided, *recoded], existing)
    problems += [*faults, *new.problems, *_wrong_together(new, existing, data)]
    is_one_sheet = not recodes.answers and not any(a.sheet for a in answers)
    raise_together(problems, DataError, f"answers in sheet {TO_DO!r}" if is_one_sheet else "answers")
    return new.lines


def _decided(
    answers: Sequence[Answer], by_id: Mapping[str, Mapping[Hashable, object]], data: Data
) -> tuple[list[Decided], list[str]]:
    """Lines of each answer in the sheet of findings, and what is wrong with others."""
    decided, problems = [], []
    for answer in sorted(answers, key=lambda a: (a.sheet, a.row)):
        where = answer.where
        named = f"{where}, finding {answer.finding_id}"
        try:
            decided.append(Decided(named=named, where=where, lines=lines_of(answer, by_id, data)))
        except WrongAnswerError as error:
            problems += [f"{named}: {problem}" for problem in error.args]
    return decided, problems


def _recoded(recodes: Recodes, data: Data, existing: Sequence[Correction]) -> tuple[list[Decided], list[str]]:
    """Lines of each answer in the recode sheet, and what is wrong with others."""
    if not recodes.answers:
        return [], []
    listed = listed_data(data, existing, recodes.withdrawals)
    decided, problems = [], []
    for answer in sorted(recodes.answers, key=lambda a: a.row):
        try:
            lines = recode_lines(answer, recodes.checks, listed)
            decided.append(Decided(named=answer.where, where=answer.where, lines=lines))
        except WrongAnswerError as error:
            problems += [f"{answer.where}: {problem}" for problem in error.args]
    return decided, problems


def _wrong_together(new: NewLines, existing: Sequence[Correction], data: Data) -> Iterator[str]:
    """What keeps new lines from being replayed with the log."""
    found = misfits(data.text, [*existing, *new.lines], data.rules)
    for correction, problem in found:
        answer = new.origin.get(correction.correction_id)
        yield f"{answer.named}: {problem}" if answer else f"{LOG}, line {correction.line}: {problem}"
