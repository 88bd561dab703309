"""Who was interviewed: consent, age, hours and tenure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D
from impacteval.checks import Severity
from impacteval.checks.base import named
from impacteval.checks.respondents import ConsentGiven, Hours, Tenure, WorkerAge
from impacteval.delivery import Roles
from impacteval.survey.read import SOURCE_COLUMNS
from impacteval.validation.row_rules import (
    RowRule,
    Rows,
    any_is_confidential,
    columns_read,
    failing_rows,
    numbers,
)
from impacteval.validation.survey import CheckedTable, Failures

Whose: TypeAlias = Literal["worker", "firm"]
TOO_LONG: Mapping[Whose, str] = {"worker": "began as a child", "firm": "began before the enterprise"}
PROTECTION = "follow the protection protocol; this is no error of the data and is not to be corrected"


def consent_columns(table: CheckedTable, check: ConsentGiven) -> tuple[str, ...]:
    """Consent, the answers that need it, and the respondent."""
    return tuple(dict.fromkeys((table.roles.consent, *answers(table, check), *named(check.respondent))))


def answers(table: CheckedTable, check: ConsentGiven) -> tuple[str, ...]:
    """Columns that need consent: those named, else all that have no role."""
    if check.columns:
        return check.columns
    with_role = {getattr(table.roles, f.name) for f in fields(table.roles) if f.name != "consent_given"}
    return tuple(
        str(c) for c in table.frame.columns if c not in {*SOURCE_COLUMNS, *with_role, check.respondent}
    )


def consent_fails(frame: pd.DataFrame, check: ConsentGiven, roles: Roles) -> Bool1D:
    """Rows with an answer and no consent, and rows of a respondent who is not to be asked."""
    asked = [c for c in frame.columns if c not in {roles.consent, check.respondent}]
    unasked = _without_consent(frame, roles) & frame[asked].notna().to_numpy().any(axis=1)
    return unasked | _is_ineligible(frame, check)


def _without_consent(frame: pd.DataFrame, roles: Roles) -> Bool1D:
    given = as_text(frame[roles.consent]).isin([value.strip() for value in roles.consent_given])
    return ~given.to_numpy(dtype=bool)


def _is_ineligible(frame: pd.DataFrame, check: ConsentGiven) -> Bool1D:
    if not check.respondent:
        return np.zeros(len(frame), dtype=bool)
    values = frame[check.respondent]
    eligible = as_text(values).isin([value.strip() for value in check.eligible])
    return (values.notna() & ~eligible).to_numpy(dtype=bool)


def as_text(values: pd.Series) -> pd.Series:
    """Values as they are written in lists of the configuration; empty text where missing."""
    if pd.api.types.is_float_dtype(values):
        values = values.map(lambda value: f"{value:g}", na_action="ignore")
    return values.astype("str").fillna("").str.strip()


def say_consent(table: CheckedTable, check: ConsentGiven, rows: Rows) -> list[Failures]:
    """Say how many answers were recorded without consent; and which respondents were not to be asked."""
    frame, asked = table.frame.iloc[rows], list(answers(table, check))
    n_answers = frame[asked].notna().to_numpy().sum(axis=1)
    unasked = _without_consent(frame, table.roles) & (n_answers > 0)
    notes = [f"{n} answer{'s' if n > 1 else ''}" for n in n_answers[unasked]]
    found = failing_rows(check, rows[unasked], columns=(table.roles.consent,), notes=notes)
    ineligible = rows[_is_ineligible(frame, check)]
    said = ["the respondent is none of those to be asked"] * len(ineligible)
    return found + failing_rows(check, ineligible, columns=named(check.respondent), notes=said)


def worker_age_fails(frame: pd.DataFrame, check: WorkerAge, roles: Roles) -> Bool1D:
    """Rows with an age that is impossible, or one at which nobody may work."""
    return _is_impossible_age(frame, check) | _is_too_young(frame, check)


def _is_impossible_age(frame: pd.DataFrame, check: WorkerAge) -> Bool1D:
    age = numbers(frame, check.column)
    return (age < check.hard_minimum) | (age > check.hard_maximum)


def _is_too_young(frame: pd.DataFrame, check: WorkerAge) -> Bool1D:
    age = numbers(frame, check.column)
    too_young = age < check.working_age
    if check.hazardous:
        hazardous = as_text(frame[check.hazardous]).isin(check.hazardous_values).to_numpy(dtype=bool)
        too_young |= hazardous & (age < check.hazardous_age)
    return too_young & ~_is_impossible_age(frame, check)


def say_worker_age(table: CheckedTable, check: WorkerAge, rows: Rows) -> list[Failures]:
    """Say which ages are errors, and which call for protection: their values are not shown."""
    frame = table.frame.iloc[rows]
    impossible = rows[_is_impossible_age(frame, check)]
    young = rows[_is_too_young(frame, check)]
    wrong = ["not an age at which people work"] * len(impossible)
    below = [f"{check.column} is below the age for this work"] * len(young)
    errors = failing_rows(check, impossible, columns=(check.column,), notes=wrong)
    warned: list[Severity] = ["warning"] * len(young)
    alerts = failing_rows(check, young, columns=(check.column,), notes=below, severities=warned)
    return errors + [replace(f, suggestions=(PROTECTION,) * len(young), is_masked=True) for f in alerts]


def hours_fail(frame: pd.DataFrame, check: Hours, roles: Roles) -> Bool1D:
    """Rows with hours that nobody works, or few."""
    hours = numbers(frame, check.column)
    return _is_impossible_week(hours, check) | (hours > check.maximum)


def _is_impossible_week(hours: Float1D, check: Hours) -> Bool1D:
    return (hours <= 0) | (hours > check.hard_maximum)


def say_hours(table: CheckedTable, check: Hours, rows: Rows) -> list[Failures]:
    """Say which hours are impossible and which only unusual."""
    impossible = _is_impossible_week(numbers(table.frame.iloc[rows], check.column), check)
    limits = (f"not within 0 to {check.hard_maximum:g}", f"more than {check.maximum:g}")
    notes = [limits[0] if wrong else limits[1] for wrong in impossible]
    lesser: Severity = "info" if check.severity == "info" else "warning"
    severities = [check.severity if wrong else lesser for wrong in impossible]
    return failing_rows(check, rows, notes=notes, severities=severities)


def tenure_columns(table: CheckedTable, check: Tenure) -> tuple[str, ...]:
    """Tenure, what bounds it, and the day of the interview where the enterprise's age needs it."""
    return tuple(dict.fromkeys((*check.columns_read, *_day(table.roles, check))))


def _day(roles: Roles, check: Tenure) -> tuple[str, ...]:
    return named(roles.start) if check.founded else ()


def tenure_fails(frame: pd.DataFrame, check: Tenure, roles: Roles) -> Bool1D:
    """Rows with more years than the worker or the enterprise can have."""
    return (_excess(frame, check, roles=roles, whose="worker") > 0) | (
        _excess(frame, check, roles=roles, whose="firm") > 0
    )


def _excess(frame: pd.DataFrame, check: Tenure, *, roles: Roles, whose: Whose) -> Float1D:
    """Years above the bound; NaN where a value for it is missing."""
    tenure = numbers(frame, check.column)
    if whose == "worker":
        most = numbers(frame, check.age) - check.youngest if check.age else np.full(len(frame), np.nan)
    else:
        most = _firm_age(frame, check, roles) + check.slack
    return tenure - most


def _firm_age(frame: pd.DataFrame, check: Tenure, roles: Roles) -> Float1D:
    if check.firm_age:
        return numbers(frame, check.firm_age)
    none = np.full(len(frame), np.nan)
    if not check.founded or not roles.start or not pd.api.types.is_datetime64_any_dtype(frame[roles.start]):
        return none
    year: Float1D = frame[roles.start].dt.year.to_numpy(dtype=np.float64, na_value=np.nan)
    return year - numbers(frame, check.founded)


def say_tenure(table: CheckedTable, check: Tenure, rows: Rows) -> list[Failures]:
    """Say whose age the years exceed, and by how many where that gives nothing away."""
    frame, hidden = table.frame.iloc[rows], any_is_confidential(table, check.columns_read)
    said: list[list[str]] = [[] for _ in rows]
    for whose, what in TOO_LONG.items():
        excess = _excess(frame, check, roles=table.roles, whose=whose)
        for at in np.flatnonzero(excess > 0):
            said[at].append(
                what
                if hidden
                else f"{what} ({excess[at]:g} {'year' if excess[at] == 1 else 'years'} too many)"
            )
    return failing_rows(check, rows, notes=["; ".join(parts) for parts in said])


RULES: Mapping[type, RowRule] = {
    ConsentGiven: RowRule(columns=consent_columns, fails=consent_fails, said=say_consent),
    WorkerAge: RowRule(columns=columns_read, fails=worker_age_fails, said=say_worker_age),
    Hours: RowRule(columns=columns_read, fails=hours_fail, said=say_hours),
    Tenure: RowRule(columns=tenure_columns, fails=tenure_fails, said=say_tenure),
}
