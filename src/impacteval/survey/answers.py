"""Answers of the field team: from a filled workbook of findings to lines of the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from impacteval.delivery import SourceTable
from impacteval.errors import DataError, raise_together
from impacteval.survey.answer_lines import VALUE_SHOWN, Answer, Data, WrongAnswerError, lines_of
from impacteval.survey.append import append_corrections
from impacteval.survey.corrections import LOG, Correction, correction_of
from impacteval.survey.log_rules import LogRules
from impacteval.survey.read import read_table
from impacteval.survey.replay import misfits, replay

__all__ = ["ANSWER_COLUMNS", "TO_DO", "append_corrections", "corrections_from_answers", "read_answers"]

TO_DO = "To do"
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

    Raises
    ------
    DataError
        For a file that is no workbook, is too large, or lacks the sheet or a column of it.
    """
    sheet = SourceTable(
        name="answers",
        files=(path.name,),
        format="xlsx",
        sheet=TO_DO,
        max_megabytes=MOST_MEGABYTES,
        max_rows=MOST_ROWS,
    )
    text = read_table(path.parent, sheet, (FINDING_ID, VALUE_SHOWN, *ANSWER_COLUMNS))
    typed = text[list(ANSWER_COLUMNS)].apply(lambda cells: cells.str.strip() != "").any(axis=1)
    return tuple(_answer(row) for row in text[typed].to_dict("records"))


def _answer(row: Mapping[str, object]) -> Answer:
    cells = {name: str(row[name]).strip() for name in (FINDING_ID, *ANSWER_COLUMNS) if name != "new_value"}
    return Answer(
        row=int(str(row["source_row"])),
        value_shown=str(row[VALUE_SHOWN]),
        new_value=str(row["new_value"]),
        **cells,
    )


def corrections_from_answers(
    answers: Sequence[Answer],
    findings: pd.DataFrame,
    *,
    text: Mapping[str, pd.DataFrame],
    rules: LogRules,
    existing: Sequence[Correction] = (),
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
    first_line = max((c.line for c in existing), default=1) + 1
    problems: list[str] = []
    new: dict[tuple[object, ...], Correction] = {}
    origin: dict[int, Answer] = {}
    for answer in sorted(answers, key=lambda a: a.row):
        try:
            rows = lines_of(answer, by_id, data)
        except WrongAnswerError as error:
            problems += [_named(answer, problem) for problem in error.args]
            continue
        for row in rows:
            number = len(existing) + len(new) + 1
            line = correction_of(first_line + len(new), {**row, "correction_id": str(number)})
            earlier = new.setdefault(_decides(line), line)
            if earlier is line:
                origin[number] = answer
            elif earlier.new_value != line.new_value:
                other = origin[earlier.correction_id].row
                problems.append(_named(answer, f"row {other} gives the same cell another value; keep one"))
    problems += _wrong_together(tuple(new.values()), existing, data, origin)
    raise_together(problems, DataError, f"answers in sheet {TO_DO!r}")
    return tuple(new.values())


def _named(answer: Answer, problem: str) -> str:
    return f"row {answer.row}, finding {answer.finding_id}: {problem}"


def _decides(correction: Correction) -> tuple[object, ...]:
    """What a new line decides; two answers about the same are one line."""
    c = correction
    check = c.check_id if c.action == "okay" else ""
    return (c.table, c.source_file, c.source_row, c.submission, c.column, c.action, check)


def _wrong_together(
    new: Sequence[Correction], existing: Sequence[Correction], data: Data, origin: Mapping[int, Answer]
) -> Iterator[str]:
    """What keeps new lines from being replayed with the log."""
    rules = data.rules
    found = misfits(data.text, [*existing, *new], rules)
    for correction, problem in found:
        answer = origin.get(correction.correction_id)
        yield _named(answer, problem) if answer else f"{LOG}, line {correction.line}: {problem}"
