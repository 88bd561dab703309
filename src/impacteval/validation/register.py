"""Checks of the survey against the assignment and the training register."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D
from impacteval.checks.links import AssignmentFrozen, ExposureOrder, RegisterLink
from impacteval.validation.keys import days_of, first_rows, looked_up, noted, of_severity, standing_in
from impacteval.validation.labels import NONE, labels_of, numbers_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing


def check_assignment_frozen(survey: Survey, check: AssignmentFrozen) -> list[Failures]:
    """Find rows that are not as assigned, and enterprises that were assigned to no arm or to two.

    Rows without a unit are left to the checks for missing values; an empty arm, stratum or column
    differs from what was assigned. A unit that was assigned twice is compared with its first row.
    """
    table, other = survey.tables[check.table], survey.tables[check.other]
    unit = labels_of(table, table.roles.unit)
    first = first_rows(other)
    is_known = unit.isin(first.index)
    found = noted(
        check,
        (unit != NONE) & ~is_known,
        f"the enterprise is not in {check.other}",
        columns=(table.roles.unit,),
    )
    for column, values, assigned in _compared(survey, check):
        differs = is_known & (values != _by_unit(unit, assigned, first))
        found += noted(check, differs, f"{column} differs from {check.other}", columns=(column,))
    return found + _assigned_wrongly(survey, check, first)


def _by_unit(unit: pd.Series, values: pd.Series, first: pd.Series) -> pd.Series:
    """Value that each unit has in its first row of another table; empty where it has none."""
    return looked_up(unit, values.loc[first].set_axis(first.index)).fillna(NONE).astype("str")


def _compared(survey: Survey, check: AssignmentFrozen) -> list[tuple[str, pd.Series, pd.Series]]:
    """Each column to compare: its name, its values and those of the assignment, as text."""
    table, other = survey.tables[check.table], survey.tables[check.other]
    pairs = list(zip(check.columns, check.other_columns or check.columns, strict=True))
    if table.roles.stratum and other.roles.stratum:
        pairs.append((table.roles.stratum, other.roles.stratum))
    found = [(mine, labels_of(table, mine), labels_of(other, theirs)) for mine, theirs in pairs]
    if table.roles.arm and other.roles.arm:
        found.append((table.roles.arm, survey.arms(check.table), survey.arms(check.other)))
    return found


def _assigned_wrongly(survey: Survey, check: AssignmentFrozen, first: pd.Series) -> list[Failures]:
    """Rows of the assignment without an arm, or with another than the unit's first row has."""
    other = survey.tables[check.other]
    arms = survey.arms(check.other)
    unit = labels_of(other, other.roles.unit)
    before = _by_unit(unit, arms, first)
    has_none = (unit != NONE) & (arms == NONE)
    is_second = (unit != NONE) & ~has_none & (before != NONE) & (arms != before)
    column = (other.roles.arm,)
    found = noted(check, has_none, "the enterprise was assigned to no arm", columns=column)
    found += noted(check, is_second, "the enterprise was assigned to another arm before", columns=column)
    return standing_in(found, check.other)


def check_register_link(survey: Survey, check: RegisterLink) -> list[Failures]:
    """Find register rows of unknown enterprises, those treated who never came, and others who did.

    No-shows and contamination stand with the first row of the enterprise in the assignment. An
    enterprise without an arm is neither.
    """
    register, other = survey.tables[check.table], survey.tables[check.other]
    first = first_rows(other)
    unit = labels_of(register, register.roles.unit)
    found = noted(
        check,
        (unit != NONE) & ~unit.isin(first.index),
        f"the enterprise is not in {check.other}",
        columns=(register.roles.unit,),
    )
    came = first.index.isin(unit[_attended(register, check)])
    arms = survey.arms(check.other).loc[first].to_numpy(dtype=object)
    treated = np.isin(arms, check.treated)
    others = ~treated & (arms != NONE)
    no_shows = _listed(survey, check, first[treated & ~came])
    n, of = int((treated & ~came).sum()), int(treated.sum())
    found += _with_note(no_shows, f"no-show: {n} of {of} assigned to training never attended", check.no_show)
    strays = _listed(survey, check, first[others & came])
    n, of = int((others & came).sum()), int(others.sum())
    note = f"contamination: {n} of {of} not assigned to training attended"
    return found + _with_note(strays, note, check.contamination)


def _listed(survey: Survey, check: RegisterLink, positions: pd.Series) -> list[Failures]:
    other = survey.tables[check.other]
    found = failing(check, sorted(positions.tolist()), columns=(other.roles.unit,))
    return standing_in(found, check.other)


def _with_note(found: Sequence[Failures], note: str, severity: str) -> list[Failures]:
    what_to_do = "keep the arm that was assigned; the report gives the number"
    return [
        replace(f, notes=(note,) * len(f.rows), suggestions=(what_to_do,) * len(f.rows))
        for f in of_severity(found, severity)
    ]


def _attended(register: CheckedTable, check: RegisterLink) -> Bool1D:
    """Whether each row of the register is attendance."""
    if not check.attended:
        return np.ones(len(register.frame), dtype=np.bool_)
    if check.attended_values:
        return labels_of(register, check.attended).isin(check.attended_values).to_numpy(dtype=np.bool_)
    return (numbers_of(register, check.attended) > 0).to_numpy(dtype=np.bool_)


def check_exposure_order(survey: Survey, check: ExposureOrder) -> list[Failures]:
    """Find interviews and trainings out of order, and attendance above what is possible.

    Days are compared, not hours: an interview on the day of the first training is not before it.
    Days that are not known are in no comparison, and enterprises that were not trained in none.
    """
    table, training = survey.tables[check.table], survey.tables[check.training]
    unit = labels_of(table, table.roles.unit)
    trained = labels_of(training, training.roles.unit)
    period = numbers_of(table, table.roles.period)
    interview = days_of(survey, table, table.roles.start)
    first = looked_up(unit, days_of(survey, training, check.trained_on).groupby(trained).min())
    used = days_of(survey, table, check.start_used).groupby(unit).transform("min")
    starts = used if check.start_used else first
    is_first_row = table.frame.index.isin(first_rows(table))
    started = (table.roles.start,)
    before = (unit != NONE) & (period <= check.last_baseline) & (interview >= first)
    late = (unit != NONE) & is_first_row & (first > used)
    after = (unit != NONE) & (period > check.last_baseline) & (starts >= interview)
    found = _apart(
        check, before, interview - first, "baseline interview {} after the first training", started
    )
    found += _apart(check, late, first - used, "first training {} after the start used", (check.start_used,))
    found += _apart(check, after, starts - interview, "later interview {} before treatment starts", started)
    return found + _too_many_modules(training, check) + _too_many_participants(table, training, check)


def _apart(
    check: ExposureOrder, mask: pd.Series, apart: pd.Series, note: str, columns: tuple[str, ...]
) -> list[Failures]:
    """Say by how many days rows are out of order."""
    days = apart[mask].dt.days
    notes = [note.format(f"{n} days" if n else "0 days (the same day), not") for n in days]
    return failing(check, mask.to_numpy(dtype=np.bool_), columns=columns, notes=notes)


def _too_many_modules(training: CheckedTable, check: ExposureOrder) -> list[Failures]:
    if not (check.attended and check.offered):
        return []
    excess = numbers_of(training, check.attended) > numbers_of(training, check.offered)
    columns = (check.attended, check.offered)
    found = noted(check, excess, "more modules attended than offered", columns=columns)
    return standing_in(found, check.training)


def _too_many_participants(
    table: CheckedTable, training: CheckedTable, check: ExposureOrder
) -> list[Failures]:
    """Participants above the largest employment that the enterprise reports in any round."""
    if not (check.participants and check.employment):
        return []
    largest = numbers_of(table, check.employment).groupby(labels_of(table, table.roles.unit)).max()
    employed = looked_up(labels_of(training, training.roles.unit), largest.drop(NONE, errors="ignore"))
    excess = numbers_of(training, check.participants) > employed
    note = "more participants than the enterprise employs in any round"
    found = noted(check, excess, note, columns=(check.participants,))
    return standing_in(found, check.training)


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    AssignmentFrozen: check_assignment_frozen,
    RegisterLink: check_register_link,
    ExposureOrder: check_exposure_order,
}
