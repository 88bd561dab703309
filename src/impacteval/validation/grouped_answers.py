"""Answers to findings of many rows: one for each of the rows, as the log of corrections has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from impacteval.codebook import MASKED
from impacteval.errors import DataError, raise_together
from impacteval.survey.answer_lines import Answer
from impacteval.survey.answers import TO_DO
from impacteval.survey.corrections import CELL_SEPARATOR, COLUMN_SEPARATOR
from impacteval.survey.sheet_text import same_text
from impacteval.validation.grouped import GROUP_ID, Grouped, hold_one_value, row_by_row

FOR_ALL = ("okay", "replace", "recode")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAnswers:
    """Answers to findings of single rows, and all findings row by row."""

    answers: tuple[Answer, ...]
    findings: pd.DataFrame


def answers_by_row(answers: Sequence[Answer], told: Grouped) -> RowAnswers:
    """Give an answer to a finding of many rows to each of them; other answers stay as they are.

    ``okay`` accepts what stands in each row. ``replace`` and ``recode`` put one value into all of them,
    which only a finding of one repeated value can take. A row that has an answer of its own keeps that.
    The log then holds a line for each row, so that
    it says what was decided of rows that are known, and a row that comes later is asked about.

    Raises
    ------
    DataError
        Naming every answer to such a finding that does not fit it.
    """
    groups = dict(iter(told.rows.groupby(GROUP_ID, sort=False)))
    shown = dict(zip(told.findings["finding_id"], told.findings["value_shown"], strict=True))
    by_own = {answer.finding_id for answer in answers}
    given: list[Answer] = []
    problems: list[str] = []
    for answer in answers:
        if answer.finding_id not in groups:
            given.append(answer)
            continue
        fault = _fault(answer, str(shown[answer.finding_id]), groups[answer.finding_id])
        if fault:
            problems.append(f"{answer.where}, finding {answer.finding_id}: {fault}")
        else:
            rows = groups[answer.finding_id]
            given += _of_rows(answer, rows[~rows["finding_id"].isin(by_own)])
    raise_together(problems, DataError, f"answers in sheet {TO_DO!r}")
    return RowAnswers(answers=tuple(given), findings=row_by_row(told))


def _fault(answer: Answer, shown: str, rows: pd.DataFrame) -> str:
    """What is wrong with an answer for many rows; its other cells are looked at row by row."""
    if not same_text(shown, answer.value_shown):
        return "the value shown is not the one found now; fill in a new workbook"
    if answer.action not in FOR_ALL:
        return f"action {answer.action!r} is about single rows, which corrections.csv can name; not about all"
    if answer.action != "okay" and not hold_one_value(rows):
        return "the rows hold different values; accept all by okay, or correct them one by one"
    return ""


def _of_rows(answer: Answer, rows: pd.DataFrame) -> list[Answer]:
    return [
        replace(
            answer,
            finding_id=str(row["finding_id"]),
            value_shown=str(row["value_shown"]),
            partner=str(row["partner"]),
            new_value=_new_value(answer, str(row["column"])),
        )
        for row in rows.to_dict("records")
    ]


def _new_value(answer: Answer, column: str) -> str:
    """The new value of the check's own column, which is the first; the other columns stay."""
    n_others = column.count(COLUMN_SEPARATOR)
    if answer.action == "okay" or not n_others or CELL_SEPARATOR in answer.new_value:
        return answer.new_value
    return CELL_SEPARATOR.join([answer.new_value, *[MASKED] * n_others])
