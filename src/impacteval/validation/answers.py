"""Whether answers fit the form and the codebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D
from impacteval.checks.answers import (
    AmbiguousNumbers,
    ChoicesInSet,
    FormConstraint,
    SkipBackward,
    SkipForward,
    UndeclaredCodes,
)
from impacteval.checks.base import Check
from impacteval.errors import ConfigError
from impacteval.survey.expressions import holds, parse
from impacteval.survey.form_answers import form_answers
from impacteval.survey.missing import missing_of
from impacteval.survey.numbers import marks_of
from impacteval.validation.remarks import informing
from impacteval.validation.special_codes import check_undeclared_codes
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing, failing_whole

MOST_PLACES = 3
MARKS_SAID = {
    "either": "like 1.500 (plain or Indonesian)",
    "plain": "plain only",
    "id": "Indonesian only",
    "en": "English only",
    "comma": "like 1,500 (Indonesian or English)",
}


def check_skip_forward(survey: Survey, check: SkipForward) -> list[Failures]:
    """Find values in rows in which the question did not apply."""
    table = survey.tables[check.table]
    applies = _where(table, check.relevant, check.column, check.clock)
    if isinstance(applies, str):
        return _not_evaluated(check, check.column, f"relevant: {applies}")
    return failing(check, ~applies & _there(table, check.column))


def check_skip_backward(survey: Survey, check: SkipBackward) -> list[Failures]:
    """Find rows in which a question applied and has neither a value nor a missing code.

    Without a column of consent all respondents count as willing.
    """
    table = survey.tables[check.table]
    applies = _where(table, check.relevant, check.column, check.clock)
    if isinstance(applies, str):
        return _not_evaluated(check, check.column, f"relevant: {applies}")
    asked = applies & _consented(table)
    unanswered = asked & _empty(table, check.column)
    found = failing(check, unanswered)
    n, n_asked = int(unanswered.sum()), int(asked.sum())
    if n <= check.tolerance * n_asked:
        return found
    note = f"{n} of {n_asked} rows in which it applied are empty, more than {check.tolerance:.0%}"
    return [*found, *(replace(f, severities=("error",)) for f in failing_whole(check, check.column, note))]


def check_form_constraint(survey: Survey, check: FormConstraint) -> list[Failures]:
    """Find values for which the constraint of the form is false."""
    table = survey.tables[check.table]
    meets = _where(table, check.constraint, check.column, check.clock)
    if isinstance(meets, str):
        return _not_evaluated(check, check.column, f"constraint: {meets}")
    return failing(check, ~meets & _there(table, check.column))


def check_ambiguous_numbers(survey: Survey, check: AmbiguousNumbers) -> list[Failures]:
    """Settle by the whole column how its numbers are written, and say where that is not as declared."""
    table = survey.tables[check.table]
    variable = table.codebook.find(check.table, check.column)
    stripped = table.text[check.column].fillna("").str.strip()
    marks = marks_of(stripped.mask(missing_of(stripped, variable).is_missing, ""))
    other = marks.isin(["id", "en", "comma"]).to_numpy(dtype=bool)
    if other.any():
        counts = _counted(marks)
        return failing_whole(check, check.column, f"{counts}; {_places(table, other)}")
    is_doubtful = (marks == "either").any() and not (marks == "plain").any()
    if not is_doubtful:
        return []
    note = (
        f"{_counted(marks)}, and none settles it; {_places(table, (marks == 'either').to_numpy(dtype=bool))}"
    )
    return [replace(f, severities=("warning",)) for f in failing_whole(check, check.column, note)]


def _counted(marks: pd.Series) -> str:
    counts = {mark: int((marks == mark).sum()) for mark in MARKS_SAID}
    return ", ".join(f"{n} cells {MARKS_SAID[mark]}" for mark, n in counts.items() if n)


def _places(table: CheckedTable, rows: Bool1D) -> str:
    """The first rows that are meant, by file and row."""
    at = table.frame.loc[rows, ["source_file", "source_row"]].sort_values(["source_file", "source_row"])
    first = at.head(MOST_PLACES)
    said = [f"{file}, row {row}" for file, row in first.itertuples(index=False, name=None)]
    return f"first in {'; '.join(said)}"


def check_choices_in_set(survey: Survey, check: ChoicesInSet) -> list[Failures]:
    """Find cells with a choice that is not listed; a missing code beside choices is none."""
    table = survey.tables[check.table]
    codes, labels = pd.factorize(table.frame[check.column])
    allowed = set(check.allowed)
    unknown = [[c for c in str(label).split() if c not in allowed] for label in labels]
    wrong = np.array([bool(found) for found in unknown], dtype=np.bool_)
    rows = np.flatnonzero((codes >= 0) & np.append(wrong, False)[codes])
    shown = [_unknown_said(found, is_hidden=table.is_confidential(check.column)) for found in unknown]
    notes = [shown[codes[row]] for row in rows]
    return failing(check, [int(row) for row in rows], notes=notes)


def _unknown_said(choices: list[str], *, is_hidden: bool) -> str:
    names = "" if is_hidden else f": {', '.join(choices)}"
    return f"{len(choices)} of the choices{names}"


def _where(table: CheckedTable, expression: str, column: str, clock: str) -> Bool1D | str:
    """The rows in which a condition of a form holds, or why it cannot be evaluated."""
    try:
        parsed = parse(expression, clock=clock)
        names = sorted(parsed.names | {column})
        unknown = [n for n in names if n not in table.codebook.columns(table.name)]
        if unknown:
            return f"no column {', '.join(unknown)} in the codebook"
        answers = {n: _form_answers(table, n) for n in names}
        return holds(parsed, pd.DataFrame(answers, index=table.frame.index), column)
    except ConfigError as error:
        return str(error)


def _form_answers(table: CheckedTable, column: str) -> pd.Series:
    variable = table.codebook.find(table.name, column)
    return form_answers(table.text[column], table.frame[column], variable)


def _not_evaluated(check: Check, column: str, why: str) -> list[Failures]:
    return informing(check, column, [f"not evaluated: {why}"])


def _there(table: CheckedTable, column: str) -> Bool1D:
    return table.frame[column].notna().to_numpy(dtype=bool)


def _empty(table: CheckedTable, column: str) -> Bool1D:
    variable = table.codebook.find(table.name, column)
    return missing_of(table.text[column].fillna("").str.strip(), variable).is_empty


def _consented(table: CheckedTable) -> Bool1D:
    roles = table.roles
    if not roles.consent:
        return np.ones(len(table.frame), dtype=np.bool_)
    return _form_answers(table, roles.consent).isin(roles.consent_given).to_numpy(dtype=bool)


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    SkipForward: check_skip_forward,
    SkipBackward: check_skip_backward,
    FormConstraint: check_form_constraint,
    UndeclaredCodes: check_undeclared_codes,
    AmbiguousNumbers: check_ambiguous_numbers,
    ChoicesInSet: check_choices_in_set,
}
